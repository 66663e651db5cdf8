// neural-ode train EXPERIMENT
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands/atomic_file.h"
#include "cli/commands/command.h"
#include "engine/core/kernels.h"
#include "engine/core/parallel.h"
#include "playground/catalogue/catalogue.h"
#include "playground/picture/write/frame_json.h"
#include "playground/picture/write/frame_svg.h"
#include "playground/training/saved_run.h"

namespace neural_ode::cli {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t reports = 20;  // lines of metrics over a run
constexpr double bar_interval = 0.1;  // seconds

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) {
  interrupted = 1;
  std::signal(SIGINT, SIG_DFL);  // a second Ctrl-C ends the program at once
}

struct Arguments {
  std::string experiment, data, log, save, load, frame, kernel = "fast";
  int threads = 0;
  std::vector<std::string> set;
  std::optional<std::int64_t> steps;
  std::optional<std::uint64_t> seed;
};

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Whether a note on this input tells of a number that was brought into range, which is no error.
bool is_number_row(const Settings& settings, std::string_view name, const std::string& value) {
  const int row = settings.find(name);
  if (row < 0 || value.empty()) return false;
  const Parameter::Kind kind = settings.table()[static_cast<std::size_t>(row)].kind;
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  return (kind == Parameter::Kind::real || kind == Parameter::Kind::integer) && *end == '\0' &&
         !std::isnan(number);
}

json finite_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

// The content of a file, or of the four files of MNIST in a folder one after another.
Result<std::string> read_data(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return read_input(path);
  std::string all;
  for (const char* file : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                           "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    const auto content = read_input((std::filesystem::path(path) / file).string());
    if (!content) return Error{content.error()};
    all += content.value();
  }
  return all;
}

class Training {
 public:
  explicit Training(const Arguments& arguments) : arguments_(arguments) {}

  Status prepare();
  int run();

 private:
  Status apply(const std::string& name, const std::string& value, const std::string& place);
  Status take_data();
  Status take_settings();  // of --set
  Status open_files();
  json metrics();
  void show_progress(const StepReport& report);
  Status write_results(const json& summary);

  const Arguments& arguments_;
  std::unique_ptr<Experiment> experiment_;
  Settings settings_;
  std::uint64_t seed_ = 0;
  std::int64_t first_ = 0, last_ = 0;  // steps done before and after
  AtomicFile log_, save_, frame_;
  double seconds_ = 0, shown_ = -1;
  std::int64_t steps_ = 0;
};

Status Training::apply(const std::string& name, const std::string& value,
                       const std::string& place) {
  if (const auto note = settings_.set(name, value)) {
    if (!is_number_row(settings_, name, value)) return Error{place + *note};
    std::cerr << "neural-ode: " << place << *note << '\n';
  }
  return {};
}

Status Training::take_settings() {
  for (const std::string& pair : arguments_.set) {
    const std::size_t mark = pair.find('=');
    if (mark == std::string::npos) return Error{"--set " + pair + ": expected name=value"};
    const std::string name = pair.substr(0, mark), value = pair.substr(mark + 1);
    if (name == "seed") {
      if (value.empty() || value.size() > 20 ||
          value.find_first_not_of("0123456789") != std::string::npos) {
        return Error{"--set " + pair + ": expected a whole number, not negative"};
      }
      seed_ = std::strtoull(value.c_str(), nullptr, 10);
      continue;
    }
    if (Status status = apply(name, value, "--set " + pair.substr(0, 80) + ": "); !status) {
      return status;
    }
  }
  return {};
}

Status Training::take_data() {
  if (arguments_.data.empty()) return {};
  const auto data = read_data(arguments_.data);
  if (!data) return Error{data.error()};
  const auto read = experiment_->set_data(data.value());
  if (!read) return Error{input_name(arguments_.data) + ": " + read.error()};
  if (!read.value().empty()) {
    std::cerr << "neural-ode: " << input_name(arguments_.data) << ": " << read.value() << '\n';
  }
  settings_.set("data", "own");
  return {};
}

Status Training::open_files() {
  if (!arguments_.frame.empty() && !ends_with(arguments_.frame, ".json") &&
      !ends_with(arguments_.frame, ".svg")) {
    return Error{"--frame " + arguments_.frame + ": expected a name that ends in .json or .svg"};
  }
  const std::pair<AtomicFile*, const std::string*> files[] = {
      {&log_, &arguments_.log}, {&save_, &arguments_.save}, {&frame_, &arguments_.frame}};
  for (const auto& [file, path] : files) {
    if (path->empty()) continue;
    if (Status status = file->open(*path); !status) return status;
  }
  return {};
}

Status Training::prepare() {
  experiment_ = all_experiments().make(arguments_.experiment);
  if (!experiment_) return Error{all_experiments().unknown(arguments_.experiment)};
  settings_ = Settings(experiment_->info().parameters);

  std::string saved;
  if (!arguments_.load.empty()) {
    auto content = read_input(arguments_.load);
    if (!content) return Error{content.error()};
    saved = std::move(content.value());
  }
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(saved.data()),
                                            saved.size());
  if (!arguments_.load.empty()) {
    const auto run = read_saved_run(bytes);
    if (!run) return Error{arguments_.load + ": " + run.error()};
    seed_ = run.value().seed;
    for (const auto& [name, value] : run.value().values) settings_.set(name, value);
  }
  if (Status status = take_data(); !status) return status;
  if (arguments_.seed) seed_ = *arguments_.seed;
  if (Status status = take_settings(); !status) return status;

  if (Status status = experiment_->reset(settings_, seed_); !status) return status;
  if (!arguments_.load.empty()) {
    if (Status status = experiment_->load(bytes); !status) {
      return Error{arguments_.load + ": " + status.error()};
    }
  }
  first_ = experiment_->frame().step;
  last_ = arguments_.steps ? first_ + *arguments_.steps
                           : std::max(first_, experiment_->info().default_steps);
  return open_files();
}

json Training::metrics() {
  const Frame frame = experiment_->frame();
  json object = {{"step", frame.step}};
  for (const Metric& metric : frame.metrics) object[metric.name] = finite_or_null(metric.value);
  if (steps_ > 0) object["step_ms"] = 1e3 * seconds_ / static_cast<double>(steps_);
  return object;
}

void Training::show_progress(const StepReport& report) {
  if (seconds_ < shown_ + bar_interval && report.step < last_) return;
  shown_ = seconds_;
  constexpr std::int64_t width = 30;
  const std::int64_t filled =
      width * (report.step - first_) / std::max<std::int64_t>(last_ - first_, 1);
  std::cerr << '\r' << std::string(static_cast<std::size_t>(filled), '#')
            << std::string(static_cast<std::size_t>(width - filled), '.') << "  step "
            << report.step << " of " << last_ << "  loss " << report.loss << "   " << std::flush;
}

Status Training::write_results(const json& summary) {
  if (save_.is_open()) {
    const auto bytes = experiment_->save();
    save_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (Status status = save_.commit(); !status) return status;
  }
  if (frame_.is_open()) {
    const Frame frame = experiment_->frame();
    frame_.write(ends_with(arguments_.frame, ".svg") ? frame_to_svg(frame)
                                                     : frame_to_json(frame).dump() + "\n");
    if (Status status = frame_.commit(); !status) return status;
  }
  if (log_.is_open()) {
    log_.write(summary.dump() + "\n");
    if (Status status = log_.commit(); !status) return status;
  }
  return {};
}

int Training::run() {
  const bool bar = isatty(STDERR_FILENO) != 0;
  const std::int64_t interval = std::max<std::int64_t>((last_ - first_) / reports, 1);
  std::string trouble;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  for (std::int64_t done_steps = first_; done_steps < last_ && interrupted == 0;) {
    const auto before = Clock::now();
    const StepReport report = experiment_->step();
    seconds_ += std::chrono::duration<double>(Clock::now() - before).count();
    if (!report.ok) {
      trouble = "step " + std::to_string(report.step + 1) + ": " + report.message;
      break;
    }
    done_steps = report.step;
    ++steps_;
    if (log_.is_open()) {
      log_.write(json{{"step", report.step}, {"loss", finite_or_null(report.loss)}}.dump() + "\n");
    }
    if (bar) show_progress(report);
    if (report.step % interval == 0 && report.step < last_) {
      std::cout << metrics().dump() << '\n' << std::flush;
    }
  }
  if (bar && steps_ > 0) std::cerr << '\n';

  json parameters = {{"seed", seed_}};
  for (int row = 0; row < static_cast<int>(settings_.table().size()); ++row) {
    const Parameter& parameter = settings_.table()[static_cast<std::size_t>(row)];
    json& value = parameters[parameter.name];
    if (parameter.kind == Parameter::Kind::flag) {
      value = settings_.number(row) != 0;
    } else if (parameter.kind == Parameter::Kind::choice ||
               parameter.kind == Parameter::Kind::text) {
      value = settings_.format(row);
    } else if (parameter.kind == Parameter::Kind::integer) {
      value = static_cast<std::int64_t>(settings_.number(row));
    } else {
      value = settings_.number(row);
    }
  }
  const json all = metrics();
  json summary = {{"experiment", arguments_.experiment},
                  {"step", all.at("step")},
                  {"seconds", seconds_},
                  {"kernel", kernel_name()},
                  {"metrics", all},
                  {"parameters", std::move(parameters)}};
  if (interrupted != 0) summary["interrupted"] = true;
  if (!trouble.empty()) summary["diverged"] = trouble;
  summary = {{"summary", std::move(summary)}};
  const Status written = write_results(summary);
  std::cout << summary.dump() << '\n';
  if (!written) return complain(written.error());
  return trouble.empty() ? done : complain(trouble, failed);
}

int run(const Arguments& arguments) {
  select_kernels(arguments.kernel == "portable" ? KernelChoice::portable : KernelChoice::fast);
  set_threads(arguments.threads);
  Training training(arguments);
  if (Status status = training.prepare(); !status) return complain(status.error());
  return training.run();
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("train", "Train an experiment");
  command->footer(
      "Prints one line of metrics now and then and {\"summary\": ...} last, as JSON. Ctrl-C stops "
      "between two\nsteps; files are still written, and whole. Exit codes: 0 done or stopped, 1 "
      "the run diverged (the files\nhold the last good state), 2 bad input.");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("experiment", arguments->experiment, "Its name: see neural-ode experiments")
      ->required();
  command->add_option("--set", arguments->set, "name=value, a parameter; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--steps", arguments->steps, "Steps to train (default: the experiment's own)")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
  command->add_option("--seed", arguments->seed, "Seed of the data, the weights and the batches");
  command->add_option(
      "--data", arguments->data,
      "CSV of your own data: x,y,label for classify; t,x,y[,trajectory] for "
      "dynamics and latent; - for standard input; for digits the folder of the MNIST files");
  command->add_option("--log", arguments->log, "Write the loss of every step as JSON lines");
  command->add_option("--save", arguments->save, "Write the whole run as safetensors");
  command->add_option("--load", arguments->load,
                      "Go on with a saved run: its parameters and seed, unless set here");
  command->add_option("--frame", arguments->frame, "Write the last picture: .json or .svg");
  command
      ->add_option("--kernel", arguments->kernel,
                   "fast: the processor's best; portable: the same bits everywhere")
      ->capture_default_str()
      ->check(CLI::IsMember({"fast", "portable"}));
  add_threads(*command, arguments->threads);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
