#include "cli/problem/solver_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/core/nearest_name.h"
#include "engine/ode/tableau.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string_view>;

Names no_names() {
  return {};
}

Names method_names() {
  return names_of(methods());
}

Names controller_names() {
  return names_of(controller_rules());
}

Names norm_names() {
  return {"rms", "max"};
}

// A number in [low, high), or in (low, high) where the smallest is left out.
void read_number(JsonReader& reader, const JsonPlace& place, const char* expected, bool with_low,
                 double low, double high, double& value) {
  value = reader.number(place);
  if (!reader.ok()) return;
  if (!((with_low ? value >= low : value > low) && value < high)) reader.fail(place, expected);
}

void read_times(JsonReader& reader, const JsonPlace& place, std::vector<double>& times) {
  const Vector<double> values = reader.vector(place, -1);
  times.assign(values.begin(), values.end());
}

template <double SolverOptions::*Member>
Json value_of(const SolverOptions& options) {
  return std::isfinite(options.*Member) ? Json(options.*Member) : Json();
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr const char *positive = "a number > 0", *not_negative = "a number >= 0",
                     *list = "a list of numbers", *flag = "true or false",
                     *whole = "a whole number from 1 to 2000000000",
                     *fraction = "a number from 0.2 to below 1",
                     *weights = "a list of D numbers >= 0, one of them > 0";

template <double SolverOptions::*Member>
void read_positive(JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
  read_number(reader, place, positive, false, 0, infinity, options.*Member);
}

template <double SolverOptions::*Member>
void read_not_negative(JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
  read_number(reader, place, not_negative, true, 0, infinity, options.*Member);
}

void read_method(JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
  const std::string expected = one_of(method_names());
  const std::string name = reader.text(place, expected);
  options.method = find_method(name);
  if (options.method == nullptr) reader.fail(place, expected);
}

void read_controller(JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
  const std::string expected = one_of(controller_names());
  const ControllerRule* rule = find_controller(reader.text(place, expected));
  if (rule == nullptr) {
    reader.fail(place, expected);
    return;
  }
  options.controller.rule = rule;
}

void read_norm(JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
  if (!place.is("rms") && !place.is("max")) reader.fail(place, one_of(norm_names()));
  options.norm.kind = place.is("max") ? NormKind::max : NormKind::rms;
}

void read_max_steps(JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
  const double steps = reader.number(place);
  if (!reader.ok()) return;
  if (!(steps >= 1 && steps <= 2e9 && steps == std::floor(steps))) {
    reader.fail(place, whole);
    return;
  }
  options.max_steps = static_cast<int>(steps);
}

const SolverKey keys[] = {
    {"method", "", "how a step is taken", method_names, [](const SolverOptions&) { return Json(); },
     read_method},
    {"rtol", not_negative, "relative tolerance of adaptive steps", no_names,
     value_of<&SolverOptions::rtol>, read_not_negative<&SolverOptions::rtol>},
    {"atol", not_negative, "absolute tolerance of adaptive steps", no_names,
     value_of<&SolverOptions::atol>, read_not_negative<&SolverOptions::atol>},
    {"step_size", positive, "largest fixed step; without rtol and atol it means fixed steps",
     no_names, value_of<&SolverOptions::step_size>, read_positive<&SolverOptions::step_size>},
    {"fixed", flag, "steps of equal length between output times, the method adaptive or not",
     no_names, [](const SolverOptions& options) { return Json(options.fixed); },
     [](JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
       options.fixed = reader.flag(place);
     }},
    {"max_steps", whole, "steps a sample may take or try", no_names,
     [](const SolverOptions& options) { return Json(options.max_steps); }, read_max_steps},
    {"controller", "", "how the next step follows from the errors of the last ones",
     controller_names,
     [](const SolverOptions& options) { return Json(options.controller.rule->name); },
     read_controller},
    {"safety", fraction, "part of the step that would just meet the tolerance", no_names,
     [](const SolverOptions& options) { return Json(options.controller.safety); },
     [](JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
       read_number(reader, place, fraction, true, options.controller.smallest_factor, 1,
                   options.controller.safety);
     }},
    {"first_step", positive, "length of the first step; chosen from the field when left out",
     no_names,
     [](const SolverOptions& options) {
       return options.first_step > 0 ? Json(options.first_step) : Json();
     },
     read_positive<&SolverOptions::first_step>},
    {"min_step", not_negative, "a shorter step ends the solve: step_underflow", no_names,
     value_of<&SolverOptions::min_step>, read_not_negative<&SolverOptions::min_step>},
    {"max_step", positive, "no step is longer", no_names, value_of<&SolverOptions::max_step>,
     read_positive<&SolverOptions::max_step>},
    {"norm", "", "of an error over the tolerances: root mean square or largest component",
     norm_names,
     [](const SolverOptions& options) {
       return Json(norm_names()[options.norm.kind == NormKind::max ? 1 : 0]);
     },
     read_norm},
    {"norm_weights", weights,
     "how much each component counts in the norm; 0 leaves it out. The state of a flow has one "
     "component more than its points",
     no_names,
     [](const SolverOptions& options) {
       return Json(std::vector<double>(options.norm.weights.begin(), options.norm.weights.end()));
     },
     [](JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
       options.norm.weights = reader.vector(place, -1);
     }},
    {"shared_steps", flag, "the whole batch takes the same adaptive steps", no_names,
     [](const SolverOptions& options) { return Json(options.shared_steps); },
     [](JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
       options.shared_steps = reader.flag(place);
     }},
    {"forced_times", list, "times at which an adaptive step ends", no_names,
     [](const SolverOptions& options) { return Json(options.forced_times); },
     [](JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
       read_times(reader, place, options.forced_times);
     }},
    {"jumps", list, "times at which the field jumps: adaptive steps end there and begin anew",
     no_names, [](const SolverOptions& options) { return Json(options.jumps); },
     [](JsonReader& reader, const JsonPlace& place, SolverOptions& options) {
       read_times(reader, place, options.jumps);
     }},
};

void check_weights(JsonReader& reader, const JsonPlace& place, Index dim,
                   const Vector<double>& values) {
  if (!place || !reader.ok()) return;
  reader.vector(place, dim);
  for (Index d = 0; d < values.size() && reader.ok(); ++d) {
    if (!(values[d] >= 0)) reader.fail(place[static_cast<std::size_t>(d)], not_negative);
  }
  if (reader.ok() && !(values.array() > 0).any()) {
    reader.fail(place, "a number > 0 among the weights", "none");
  }
}

void check_together(JsonReader& reader, const JsonPlace& place, const SolverOptions& options) {
  if (options.adaptive()) {
    if (options.rtol + options.atol == 0) reader.fail(place, "rtol or atol > 0", "both 0");
    if (options.max_step <= options.min_step) {
      reader.fail(place[place["max_step"] ? "max_step" : "min_step"], "min_step < max_step");
    }
    return;
  }
  if (place["fixed"] && !options.fixed) {
    reader.fail(place["fixed"],
                "true, as " + std::string(options.method->name) + " does not estimate its error");
  }
  for (const char* key : {"forced_times", "jumps"}) {
    if (place[key]) {
      reader.fail(place[key], "steps that adapt, as fixed ones end at output times alone");
    }
  }
}

}  // namespace

std::span<const SolverKey> solver_keys() {
  return keys;
}

void read_solver(JsonReader& reader, const JsonPlace& place, Index dim, SolverOptions& options) {
  if (!reader.object(place, names_of(keys))) return;
  for (const SolverKey& key : keys) {
    const JsonPlace at = place[key.name];
    if (reader.ok() && (at || key.name == "method")) key.read(reader, at, options);
  }
  if (!reader.ok()) return;
  if (!place["fixed"]) options.fixed = place["step_size"] && !place["rtol"] && !place["atol"];
  check_weights(reader, place["norm_weights"], dim, options.norm.weights);
  check_together(reader, place, options);
}

}  // namespace neural_ode
