// Which experiments a trainer module makes: first.cpp or later.cpp, one of them is linked.
#pragma once

#include "playground/catalogue/catalogue.h"

neural_ode::Catalogue trainer_experiments();
