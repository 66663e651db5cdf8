// Real data: what two animals that eat and are eaten left in the books of a fur company.
#pragma once

#include "engine/data/trajectories.h"

namespace neural_ode {

// Pelts of snowshoe hares (row 0) and Canada lynxes (row 1) taken by the Hudson's Bay Company, in
// thousands, in the years 1900 to 1920 [odum1953]; the digits are those of [carpenter2018].
Trajectory hare_lynx();

}  // namespace neural_ode
