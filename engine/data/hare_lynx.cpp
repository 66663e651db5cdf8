#include "engine/data/hare_lynx.h"

namespace neural_ode {

namespace {

constexpr int first_year = 1900, years = 21;
constexpr double hares[years] = {30,   47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22,   25.4, 27.1,
                                 40.3, 57,   76.6, 52.3, 19.5, 11.2, 7.6,  14.6, 16.2, 24.7};
constexpr double lynxes[years] = {4, 6.1,  9.8,  35.2, 59.4, 41.7, 19,   13,  8.3,  9.1, 7.4,
                                  8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1, 8.6};

}  // namespace

Trajectory hare_lynx() {
  Trajectory pelts;
  pelts.y.resize(2, years);
  for (int i = 0; i < years; ++i) {
    pelts.times.push_back(first_year + i);
    pelts.y.col(i) << hares[i], lynxes[i];
  }
  return pelts;
}

}  // namespace neural_ode
