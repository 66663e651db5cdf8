// Pictures of the choices that have them: asked of the trainer once, kept for good.
#include <algorithm>
#include <string>
#include <string_view>

#include "web/app/session/session_state.h"

namespace neural_ode::web {

namespace {

const Parameter* pictured(const ExperimentInfo& info) {
  for (const Parameter& parameter : info.parameters)
    if (parameter.pictures) return &parameter;
  return nullptr;
}

}  // namespace

const Plot* Session::State::preview(const std::string& experiment, std::string_view parameter,
                                    std::string_view choice, bool alone) {
  const std::string group = experiment + "/" + std::string(parameter) + "/";
  const std::string key = group + std::string(choice);
  if (const auto found = previews.find(key); found != previews.end()) return &found->second;
  const auto asked = [&](const std::string& what) {
    return std::find(previews_asked.begin(), previews_asked.end(), what) != previews_asked.end();
  };
  if (asked(group) || (alone && asked(key))) return nullptr;
  previews_asked.push_back(alone ? key : group);
  json command = {{"type", "preview"}, {"experiment", experiment}, {"parameter", parameter}};
  if (alone) command["choice"] = choice;
  post(command);
  return nullptr;
}

const Plot* Session::preview(std::string_view parameter, std::string_view choice) const {
  return ready() ? state_->preview(experiment().name, parameter, choice, false) : nullptr;
}

const Plot* Session::thumbnail(const ExperimentInfo& info) const {
  const Parameter* data = pictured(info);
  if (!data) return nullptr;
  const auto first = static_cast<std::size_t>(data->default_value);
  return state_->preview(info.name, data->name, data->choices[first].name, true);
}

bool Session::has_thumbnail(const ExperimentInfo& info) {
  return pictured(info) != nullptr;
}

}  // namespace neural_ode::web
