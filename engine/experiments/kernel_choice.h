// Which kernels training runs on, for those who see the engine through its façade.
#pragma once

#include "engine/core/kernels.h"
