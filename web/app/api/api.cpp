#include "web/app/api/api.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "playground/contract/info_json.h"
#include "playground/picture/write/frame_json.h"
#include "playground/picture/write/json_fields.h"
#include "web/protocol/base64.h"

namespace neural_ode::web {
namespace {

using nlohmann::json;

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json own_values(const Session& session) {
  json values = json::object();
  const Settings& settings = session.settings();
  for (std::size_t i = 0; i < settings.table().size(); ++i) {
    const Parameter& row = settings.table()[i];
    const int index = static_cast<int>(i);
    switch (row.kind) {
      case Parameter::Kind::real:
      case Parameter::Kind::integer:
        values[row.name] = settings.number(index);
        break;
      case Parameter::Kind::flag:
        values[row.name] = settings.number(index) != 0;
        break;
      case Parameter::Kind::choice:
      case Parameter::Kind::text:
        values[row.name] = settings.format(index);
        break;
    }
  }
  return values;
}

json get(Session& session, const json&) {
  const auto& divergence = session.divergence();
  json state = own_values(session);
  state["seed"] = session.seed();
  state["experiment"] = session.experiment().name;
  json result = {{"experiment", session.experiment().name},
                 {"values", std::move(state)},
                 {"seed", session.seed()},
                 {"running", session.running()},
                 {"busy", session.busy()},
                 {"step", session.step_count()},
                 {"speed", session.speed()},
                 {"rewound", session.rewound()},
                 {"problem", session.problem()},
                 {"ownData", session.has_own_data()},
                 {"canUndo", session.can_undo()},
                 {"notes", session.notes()},
                 {"diverged", nullptr}};
  if (divergence) {
    result["diverged"] = {{"step", divergence->step},
                          {"goodStep", divergence->good_step},
                          {"message", divergence->message}};
  }
  return result;
}

json metrics(Session& session, const json&) {
  json values = json::object();
  if (const Frame* frame = session.frame()) {
    for (const Metric& metric : frame->metrics) values[metric.name] = number_or_null(metric.value);
  }
  values["step"] = session.step_count();
  values["loss"] = number_or_null(session.loss());
  values["step_ms"] = number_or_null(session.step_ms());
  values["steps_per_second"] = number_or_null(session.steps_per_second());
  return values;
}

json set(Session& session, const json& arguments) {
  session.hear_notes();
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& [name, value] : arguments.items()) {
    if (name == "experiment") {
      session.open(value_text(value));
    } else {
      values.emplace_back(name, value_text(value));
    }
  }
  session.apply(values);
  return {{"notes", session.hear_notes()}};
}

json experiments(Session& session, const json&) {
  json infos = json::array();
  for (const ExperimentInfo& info : session.experiments()) infos.push_back(info_to_json(info));
  return infos;
}

int count(const json& arguments, const char* name, int fallback) {
  return static_cast<int>(
      std::clamp<std::int64_t>(integer_field(arguments, name, fallback), 0, 10'000'000));
}

// The picture in words, for those who do not see it.
json status(Session& session, const json&) {
  std::string text;
  if (const Frame* frame = session.frame()) text = frame->description;
  if (session.divergence()) text = "Training stopped: " + session.divergence()->message;
  if (!session.problem().empty()) text = session.problem();
  return {{"text", text}};
}

struct Function {
  std::string_view name;
  json (*run)(Session&, const json&);
};

const json nothing = json::object();

constexpr Function functions[] = {
    {"version", [](Session& s, const json&) { return json(s.version()); }},
    {"experiments", experiments},
    {"get", get},
    {"set", set},
    {"metrics", metrics},
    {"frame",
     [](Session& s, const json&) { return s.frame() ? frame_to_json(*s.frame()) : json(nullptr); }},
    {"open",
     [](Session& s, const json& a) {
       s.open(text_field(a, "experiment"));
       return nothing;
     }},
    {"play",
     [](Session& s, const json&) {
       s.play();
       return nothing;
     }},
    {"pause",
     [](Session& s, const json&) {
       s.pause();
       return nothing;
     }},
    {"step",
     [](Session& s, const json& a) {
       s.step(count(a, "n", 1), count(a, "id", 0));
       return nothing;
     }},
    {"until",
     [](Session& s, const json& a) {
       s.until(integer_field(a, "step"), count(a, "id", 0));
       return nothing;
     }},
    {"reset",
     [](Session& s, const json& a) {
       if (flag_field(a, "keepSeed", true)) {
         s.reset();
       } else {
         s.new_seed();
       }
       return nothing;
     }},
    {"rewind",
     [](Session& s, const json&) {
       s.rewind();
       return nothing;
     }},
    {"undo",
     [](Session& s, const json&) {
       s.undo();
       return nothing;
     }},
    {"speed",
     [](Session& s, const json& a) {
       s.set_speed(number_field(a, "steps_per_second"));
       return nothing;
     }},
    {"data",
     [](Session& s, const json&) {
       return json{{"csv", s.own_data()}};
     }},
    {"setData",
     [](Session& s, const json& a) {
       s.set_data(text_field(a, "csv"), count(a, "id", 0));
       return nothing;
     }},
    {"load",
     [](Session& s, const json& a) {
       const auto bytes = decode_base64(text_field(a, "bytes"));
       if (!bytes) return json{{"error", "load: expected bytes"}};
       s.load(*bytes, count(a, "id", 0));
       return nothing;
     }},
    {"save",
     [](Session& s, const json& a) {
       s.save(count(a, "id", 0));
       return nothing;
     }},
    {"openLink",
     [](Session& s, const json& a) {
       s.open_link(read_link(text_field(a, "address")));
       return nothing;
     }},
    {"link", [](Session& s, const json&) { return json(write_link(s.link())); }},
    {"suspend",
     [](Session& s, const json& a) {
       s.suspend(flag_field(a, "hidden"));
       return nothing;
     }},
    {"note",
     [](Session& s, const json& a) {
       s.add_note(text_field(a, "message"));
       return nothing;
     }},
    {"status", status},
};

}  // namespace

Api::Api(Session& session) : session_(session) {}

std::string Api::call(std::string_view name, std::string_view arguments_json) {
  const json arguments = parse_json(arguments_json.empty() ? "{}" : arguments_json);
  if (!arguments.is_object()) {
    return write_json({{"error", std::string(name) + ": expected a JSON object"}});
  }
  for (const Function& function : functions) {
    if (function.name == name) return write_json(function.run(session_, arguments));
  }
  return write_json({{"error", "unknown function '" + std::string(name) + "'"}});
}

void Api::listen(std::function<void(const std::string& event_json)> listener) {
  session_.listen([forward = std::move(listener)](const Message& message) {
    if (message.blob.empty()) {
      forward(message.json);
      return;
    }
    // Only `saved` has a blob here: its file travels as text.
    json event = parse_json(message.json);
    if (!event.is_object()) return;
    const auto* begin = reinterpret_cast<const std::uint8_t*>(message.blob.data());
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(
        0, std::min<std::int64_t>(integer_field(event, "size"),
                                  static_cast<std::int64_t>(message.blob.size() * 4))));
    event["bytes"] = encode_base64({begin, size});
    forward(write_json(event));
  });
}

}  // namespace neural_ode::web
