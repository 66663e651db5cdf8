// What the trainer said, taken in.
#include <string>
#include <utility>

#include "playground/contract/info_json.h"
#include "playground/picture/write/frame_json.h"
#include "playground/picture/write/json_fields.h"
#include "web/app/session/session_state.h"

namespace neural_ode::web {

bool Session::State::of_this_run(const json& event) const {
  return integer_field(event, "run", -1) == run;
}

void Session::State::take_metrics(const json& event) {
  step = integer_field(event, "step", step);
  loss = number_field(event, "loss", unknown);
  step_ms = number_field(event, "step_ms", step_ms);
  const double time = now_seconds();
  if (rate_time == 0 || !running) {
    rate_time = time;
    rate_step = step;
  } else if (time - rate_time > 0.5) {
    const double measured = static_cast<double>(step - rate_step) / (time - rate_time);
    rate = rate == 0 ? measured : 0.5 * (rate + measured);
    rate_time = time;
    rate_step = step;
  }
}

void Session::State::take_state(const json& event) {
  running = flag_field(event, "running");
  step = integer_field(event, "step", step);
  rewound = flag_field(event, "rewound");
  std::string told = text_field(event, "problem");
  if (!told.empty() && !damage.empty()) told = damage + "; " + told;
  const std::string old_problem = std::exchange(problem, std::move(told));
  // What has been put right need not be read any more, and a problem is shown by itself.
  for (std::size_t i = notes.size(); i-- > 0;) {
    if (notes[i] == problem || (problem != old_problem && notes[i] == old_problem)) drop_note(i);
  }
  if (!running) rate = rate_time = 0;
  if (rewound || divergence) {
    // The trainer itself changed a setting: the learning rate after a rewind.
    if (const json* values = find_field(event, "settings"); values && values->is_object()) {
      for (const auto& [name, value] : values->items()) {
        (void)present().set(name, value_text(value));
      }
    }
    // A saved run brings its own.
    if (const auto saved = read_seed(value_text(event.value("seed", json())))) seed = *saved;
  }
  if (!flag_field(event, "diverged")) divergence.reset();
}

void Session::State::take_ready(const json& event) {
  version = text_field(event, "version");
  experiments.clear();
  if (const json* infos = find_field(event, "experiments"); infos && infos->is_array()) {
    for (const json& info : *infos) experiments.push_back(info_from_json(info));
  }
  if (experiments.empty()) {
    note("the trainer knows no experiment");
    return;
  }
  settings.clear();
  for (const ExperimentInfo& info : experiments) settings.emplace_back(info.parameters);
  own_data.assign(experiments.size(), "");
  edits.assign(experiments.size(), 0);
  open_link(waiting_link.value_or(Link()));
  waiting_link.reset();
}

// What the trainer can take back is undone in the order of everything else.
void Session::State::count_edits(std::size_t of, std::size_t now) {
  if (edits[of] != now) last_changed.clear();
  for (; edits[of] < now; ++edits[of]) {
    if (!link_brings_data) keep_past({of, settings[of], seed, true});
  }
  for (std::size_t i = past.size(); i-- > 0 && edits[of] > now;) {
    if (past[i].experiment != of || !past[i].edit) continue;
    past.erase(past.begin() + static_cast<std::ptrdiff_t>(i));
    --edits[of];
  }
  edits[of] = now;
  link_brings_data = false;
}

void Session::State::take_data(const json& event) {
  const int found = find_experiment(text_field(event, "experiment"));
  if (found < 0) return;
  const auto of = static_cast<std::size_t>(found);
  own_data[of] = text_field(event, "csv");
  // There are others now.
  if (of == current && !own_data[of].empty()) damage.clear();
  const std::int64_t now = integer_field(event, "edits");
  count_edits(of, now > 0 ? static_cast<std::size_t>(now) : 0);
}

void Session::State::take(const Message& message) {
  const json event = parse_json(message.json);
  const std::string type = text_field(event, "type");
  last_event = now_seconds();
  if (type == "frame") {
    frame_asked = false;
    if (!of_this_run(event)) {
      ask_for_frame();
      return;
    }
    const json* body = find_field(event, "frame");
    if (!body) return;
    frame = frame_from_json(*body, message.blob);
    frame_experiment = current;
    ++frame_number;
    changed = true;
    // The next one is drawn while this one is looked at.
    ask_for_frame();
    return;
  }
  if (type == "preview") {
    const json* body = find_field(event, "frame");
    if (!body) return;
    Frame drawn = frame_from_json(*body, message.blob);
    if (drawn.plots.empty()) return;
    previews[text_field(event, "experiment") + "/" + text_field(event, "parameter") + "/" +
             text_field(event, "choice")] = std::move(drawn.plots.front());
    changed = true;
    return;
  }
  if (type == "ready") {
    take_ready(event);
  } else if (type == "metrics") {
    if (!of_this_run(event)) return;
    take_metrics(event);
  } else if (type == "state") {
    if (!of_this_run(event)) return;
    take_state(event);
  } else if (type == "done") {
    if (of_this_run(event)) take_metrics(event);
  } else if (type == "diverged") {
    if (!of_this_run(event)) return;
    divergence = Divergence{integer_field(event, "step"), integer_field(event, "good_step"),
                            text_field(event, "message")};
  } else if (type == "data") {
    take_data(event);
  } else if (type == "error" || type == "note") {
    note(text_field(event, "message"), type == "error");
  }
  changed = true;
  if (listener) listener(message);
}

}  // namespace neural_ode::web
