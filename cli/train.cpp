// neural-ode train EXPERIMENT
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>

#include "cli/command.h"
#include "cli/output_file.h"
#include "engine/experiments/frame_json.h"
#include "engine/experiments/frame_svg.h"
#include "engine/experiments/kernel_choice.h"
#include "engine/experiments/registry.h"

namespace neural_ode::cli {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int reports = 10;           // metric lines on the way
constexpr double bar_interval = 0.1;  // seconds

volatile std::sig_atomic_t interrupted = 0;

struct Arguments {
  std::string experiment;
  std::vector<std::string> set;
  std::int64_t steps = -1;
  std::uint64_t seed = 0;
  std::string data, log, save, load, frame, kernel = "fast";
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// "name=value". A number out of range is clamped with a note; what cannot be read at all is an
// error.
Status apply(const std::string& assignment, Settings& settings) {
  const std::size_t mark = assignment.find('=');
  if (mark == std::string::npos) return Error{"--set " + assignment + ": expected name=value"};
  const std::string name = assignment.substr(0, mark), value = assignment.substr(mark + 1);
  const auto note = settings.set(name, value);
  if (!note) return {};
  const int row = settings.find(name);
  const auto kind = row < 0 ? Parameter::Kind::text : settings.table()[std::size_t(row)].kind;
  char* end = nullptr;
  std::strtod(value.c_str(), &end);
  const bool clamped = (kind == Parameter::Kind::real || kind == Parameter::Kind::integer) &&
                       !value.empty() && *end == '\0';
  if (!clamped) return Error{"--set " + assignment + ": " + *note};
  std::cerr << "neural-ode: note: " << *note << '\n';
  return {};
}

json metrics_json(const Frame& frame) {
  json metrics = json::object();
  for (const Metric& metric : frame.metrics)
    metrics[metric.name] = metric.value;  // NaN becomes null
  return metrics;
}

void draw_bar(std::int64_t step, std::int64_t goal, double loss) {
  constexpr int width = 30;
  const int full = goal > 0 ? int(width * step / goal) : width;
  std::cerr << '\r' << '[' << std::string(std::size_t(full), '#')
            << std::string(std::size_t(width - full), '.') << "] " << step << '/' << goal
            << "  loss " << loss << "    " << std::flush;
}

std::string view_of(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

int run(const Arguments& arguments) {
  const auto experiment = make_experiment(arguments.experiment);
  if (!experiment) return complain(unknown_experiment(arguments.experiment));
  select_kernels(arguments.kernel == "portable" ? KernelChoice::portable : KernelChoice::fast);

  Settings settings(experiment->info().parameters);
  if (!arguments.data.empty()) {
    const Result<std::string> csv = read_input(arguments.data);
    if (!csv) return complain(csv.error());
    // The data decide their own format: an experiment reads the text it understands.
    if (const Status taken = experiment->set_data(csv.value()); !taken)
      return complain(input_name(arguments.data) + ": " + taken.error());
    settings.set("data", "own");
  }
  for (const std::string& assignment : arguments.set)
    if (const Status status = apply(assignment, settings); !status) return complain(status.error());
  if (const Status status = experiment->reset(settings, arguments.seed); !status)
    return complain(status.error());
  if (!arguments.load.empty()) {
    const Result<std::string> file = read_input(arguments.load);
    if (!file) return complain(file.error());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(file.value().data());
    if (const Status status = experiment->load(std::span(bytes, file.value().size())); !status)
      return complain(input_name(arguments.load) + ": " + status.error());
  }
  // Opened before training: a place that cannot be written is known now, not after an hour.
  OutputFile log, save, frame_file;
  for (auto& [file, path] : {std::pair(&log, &arguments.log), std::pair(&save, &arguments.save),
                             std::pair(&frame_file, &arguments.frame)})
    if (!path->empty())
      if (const Status status = file->open(*path); !status) return complain(status.error());

  std::signal(SIGINT, [](int) { interrupted = 1; });
  const std::int64_t goal =
      arguments.steps >= 0 ? arguments.steps : experiment->info().default_steps;
  const std::int64_t report_every = std::max<std::int64_t>(1, goal / reports);
  const bool bar = isatty(STDERR_FILENO) != 0;
  const auto start = Clock::now();
  auto last_bar = start;
  StepReport report;
  std::int64_t done_here = 0;
  for (; done_here < goal && !interrupted; ++done_here) {
    report = experiment->step();
    if (!report.ok) break;
    if (log.is_open()) log.write(json{{"step", report.step}, {"loss", report.loss}}.dump() + "\n");
    if ((done_here + 1) % report_every == 0 && done_here + 1 < goal)
      std::cout << metrics_json(experiment->frame()).dump() << std::endl;
    if (bar && seconds_since(last_bar) > bar_interval) {
      draw_bar(done_here + 1, goal, report.loss);
      last_bar = Clock::now();
    }
  }
  const double seconds = seconds_since(start);
  if (bar) std::cerr << "\r\x1b[K";

  const Frame frame = experiment->frame();
  json summary = {{"experiment", arguments.experiment},
                  {"step", frame.step},
                  {"seed", arguments.seed},
                  {"seconds", seconds},
                  {"metrics", metrics_json(frame)},
                  {"parameters", json::object()}};
  if (done_here > 0) summary["metrics"]["step_ms"] = 1000 * seconds / double(done_here);
  for (int row = 0; row < int(settings.table().size()); ++row)
    summary["parameters"][settings.table()[std::size_t(row)].name] = settings.format(row);
  if (!report.ok) summary["diverged"] = report.message;
  if (interrupted) summary["interrupted"] = true;
  std::cout << json{{"summary", summary}}.dump() << '\n';

  if (save.is_open()) save.write(view_of(experiment->save()));
  if (frame_file.is_open())
    frame_file.write(arguments.frame.ends_with(".svg") ? frame_to_svg(frame)
                                                       : frame_to_json(frame).dump() + "\n");
  for (OutputFile* file : {&log, &save, &frame_file})
    if (file->is_open())
      if (const Status status = file->commit(); !status) return complain(status.error(), failed);
  if (report.ok) return done;
  return complain("training stopped at step " + std::to_string(frame.step) + ": " + report.message,
                  failed);
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "train",
      "Train an experiment. One JSON line of metrics now and then, at last {\"summary\": ...}. "
      "Ctrl-C stops cleanly and still saves; a run that diverges ends with exit code 1 and keeps "
      "its last good state");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("experiment", arguments->experiment, "Its name; see `neural-ode experiments`")
      ->required();
  command->add_option("--set", arguments->set, "A parameter, as name=value; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--steps", arguments->steps, "Training steps (default: the experiment's own)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--seed", arguments->seed, "Of the data and the initial parameters")
      ->capture_default_str();
  command->add_option("--data", arguments->data,
                      "Your own data as CSV: x,y,label or t,x,y[,trajectory]");
  command->add_option("--log", arguments->log, "Write every step's loss, one JSON line each");
  command->add_option("--save", arguments->save, "Write the run's state (safetensors)");
  command->add_option("--load", arguments->load, "Go on from such a file");
  command->add_option("--frame", arguments->frame, "Write the picture at the end")
      ->check([](const std::string& path) {
        return path.ends_with(".json") || path.ends_with(".svg")
                   ? std::string()
                   : "expected a name that ends with .json or .svg, found '" + path + "'";
      });
  command
      ->add_option("--kernel", arguments->kernel,
                   "fast: the processor's best; portable: the same bits as in the browser")
      ->check(CLI::IsMember({"fast", "portable"}))
      ->capture_default_str();
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
