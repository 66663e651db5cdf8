#include "web/trainer/trainer.h"

#include <utility>

#include "web/host/json_fields.h"
#include "web/trainer/trainer_state.h"

namespace neural_ode::web {

Trainer::Trainer(Emit emit) : state_(std::make_unique<State>(std::move(emit))) {}
Trainer::~Trainer() = default;

void Trainer::handle(std::string_view command_json) {
  const nlohmann::json command = parse_json(command_json);
  if (!command.is_object()) {
    state_->send_error("a command must be a JSON object");
    return;
  }
  state_->handle(command);
}

double Trainer::run(double deadline, const std::function<double()>& now) {
  return state_->run_slice(deadline, now);
}

}  // namespace neural_ode::web
