// What the trainer says.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/version.h"
#include "playground/contract/info_json.h"
#include "playground/picture/write/frame_json.h"
#include "playground/picture/write/json_fields.h"
#include "web/trainer/trainer_state.h"

namespace neural_ode::web {

using nlohmann::json;

void Trainer::State::send(json event, std::vector<std::uint32_t> blob) {
  emit({write_json(event), std::move(blob)});
}

void Trainer::State::send_error(const std::string& message, std::int64_t id) {
  json event = {{"type", "error"}, {"message", message}};
  if (id != 0) event["id"] = id;
  send(std::move(event));
}

void Trainer::State::send_accepted(std::int64_t id) {
  if (id != 0) send({{"type", "accepted"}, {"id", id}});
}

void Trainer::State::send_note(const std::string& message) {
  send({{"type", "note"}, {"message", message}});
}

void Trainer::State::send_ready() {
  json infos = json::array();
  for (const std::string_view name : catalogue.names())
    infos.push_back(info_to_json(*catalogue.info(name)));
  send({{"type", "ready"}, {"version", version}, {"experiments", std::move(infos)}});
}

void Trainer::State::send_state() {
  if (!experiment) return;
  json values = json::object();
  for (std::size_t row = 0; row < settings.table().size(); ++row) {
    values[settings.table()[row].name] = settings.format(static_cast<int>(row));
  }
  send({{"type", "state"},
        {"experiment", experiment->info().name},
        {"run", run},
        {"seed", seed},
        {"settings", std::move(values)},
        {"running", running},
        {"step", step},
        {"rewound", rewound},
        {"diverged", diverged},
        {"problem", problem},
        {"own_data", !experiment->data_csv().empty()}});
}

void Trainer::State::send_data() {
  send({{"type", "data"},
        {"experiment", experiment->info().name},
        {"csv", experiment->data_csv()},
        {"edits", experiment->edits()}});
}

void Trainer::State::send_frame() {
  sketched = training();
  Frame frame = sketched ? experiment->sketch() : experiment->frame();
  Metric step_ms;
  step_ms.name = "step_ms";
  step_ms.label = "step time";
  step_ms.value = step_pace.step_ms();
  step_ms.format = Metric::Format::milliseconds;
  frame.metrics.push_back(std::move(step_ms));
  std::vector<std::uint32_t> blob;
  json body = frame_to_json(frame, &blob);
  send({{"type", "frame"},
        {"experiment", experiment->info().name},
        {"run", run},
        {"frame", std::move(body)}},
       std::move(blob));
  frame_wanted = frame_due = false;
}

void Trainer::State::send_metrics() {
  const double step_ms = step_pace.step_ms();
  send({{"type", "metrics"},
        {"run", run},
        {"step", step},
        {"loss", std::isfinite(loss) ? json(loss) : json(nullptr)},
        {"step_ms", std::isfinite(step_ms) ? json(step_ms) : json(nullptr)}});
  metrics_due = false;
}

void Trainer::State::send_done(const Goal& goal, bool interrupted) {
  send({{"type", "done"},
        {"id", goal.id},
        {"run", run},
        {"step", step},
        {"loss", std::isfinite(loss) ? json(loss) : json(nullptr)},
        {"losses", goal.losses},
        {"interrupted", interrupted}});
}

void Trainer::State::send_diverged(const StepReport& report) {
  send({{"type", "diverged"},
        {"run", run},
        {"step", report.step},
        {"message", report.message},
        {"good_step", good.before(step).step}});
}

}  // namespace neural_ode::web
