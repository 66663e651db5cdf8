#include "web/trainer/worker/part.h"

neural_ode::Catalogue trainer_experiments() {
  return neural_ode::later_experiments();
}
