#include "web/trainer/trainer.h"

#include <utility>

#include "playground/picture/write/json_fields.h"
#include "web/trainer/trainer_state.h"

namespace neural_ode::web {

Trainer::Trainer(Catalogue catalogue, Emit emit)
    : state_(std::make_unique<State>(catalogue, std::move(emit))) {}
Trainer::~Trainer() = default;

void Trainer::handle(std::string_view command_json) {
  const nlohmann::json command = parse_json(command_json);
  if (!command.is_object()) {
    state_->send_error("a command must be a JSON object");
    return;
  }
  state_->handle(command);
}

bool Trainer::makes(std::string_view experiment) const {
  return state_->catalogue.makes(experiment);
}

Status Trainer::provide(const std::string& experiment, std::string bytes) {
  Experiment* found = state_->find(experiment);
  return found ? found->provide(std::move(bytes)) : Error{state_->catalogue.unknown(experiment)};
}

double Trainer::run(double deadline, const std::function<double()>& now) {
  return state_->run_slice(deadline, now);
}

}  // namespace neural_ode::web
