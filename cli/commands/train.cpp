// neural-ode train EXPERIMENT
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
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

#include "cli/commands/command.h"
#include "cli/commands/number_option.h"
#include "cli/commands/output_file.h"
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

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class Training {
 public:
  explicit Training(const Arguments& arguments) : arguments_(arguments) {}

  Status prepare();
  int run();

 private:
  // Settings, seed and own data of a saved run.
  Status take_saved(std::span<const std::uint8_t> bytes, SavedRun& run);
  Error in_saved(const Status& status) const {
    return Error{input_name(arguments_.load) + ": " + status.error()};
  }
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
  OutputFile log_, save_, frame_;
  double seconds_ = 0, shown_ = -1;
  std::int64_t steps_ = 0;
};

Status Training::take_settings() {
  for (const std::string& pair : arguments_.set) {
    const std::size_t mark = pair.find('=');
    if (mark == std::string::npos) return Error{"--set " + pair + ": expected name=value"};
    const std::string name = pair.substr(0, mark), value = pair.substr(mark + 1);
    const std::string place = "--set " + pair.substr(0, 80) + ": ";
    if (name == "seed") {
      try {
        seed_ = read_seed("seed", value);
      } catch (const CLI::ValidationError& error) {
        return Error{place + error.what()};
      }
      continue;
    }
    if (const auto misfit = settings_.misfit(name, value)) return Error{place + *misfit};
    settings_.set(name, value);
  }
  return {};
}

Status Training::take_saved(std::span<const std::uint8_t> bytes, SavedRun& run) {
  auto read = read_saved_run(bytes);
  if (!read) return Error{read.error()};
  run = std::move(read.value());
  auto settings = settings_of(run, experiment_->info());
  if (!settings) return Error{settings.error()};
  settings_ = std::move(settings.value());
  seed_ = run.seed;
  if (!run.own_data) return {};
  const auto data = experiment_->set_data(*run.own_data);
  return data ? Status() : Status(Error{data.error()});
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
  struct Output {
    const char* option;
    OutputFile& file;
    const std::string& path;
  };
  const Output outputs[] = {{"--log", log_, arguments_.log},
                            {"--save", save_, arguments_.save},
                            {"--frame", frame_, arguments_.frame}};
  for (const Output& output : outputs) {
    if (output.path.empty()) continue;
    if (Status status = output.file.open(output.path); !status) return status;
    for (const Output& other : outputs) {
      if (&other == &output || !other.file.is_open() || !output.file.is_same(other.file)) continue;
      return Error{std::string(output.option) + " " + output.path + ": is the file of " +
                   other.option + " too"};
    }
  }
  // A device or a pipe has the name that it has.
  if (frame_.is_plain() && !ends_with(arguments_.frame, ".json") &&
      !ends_with(arguments_.frame, ".svg")) {
    return Error{"--frame " + arguments_.frame + ": expected a name that ends in .json or .svg"};
  }
  return {};
}

Status Training::prepare() {
  experiment_ = all_experiments().make(arguments_.experiment);
  if (!experiment_) return Error{all_experiments().unknown(arguments_.experiment)};
  settings_ = Settings(experiment_->info().parameters);

  const bool loads = !arguments_.load.empty();
  std::string saved;
  SavedRun run;
  if (loads) {
    auto content = read_input(arguments_.load);
    if (!content) return Error{content.error()};
    saved = std::move(content.value());
    if (Status status = take_saved(bytes_of(saved), run); !status) return in_saved(status);
  }
  if (Status status = take_data(); !status) return status;
  if (arguments_.seed) seed_ = *arguments_.seed;
  if (Status status = take_settings(); !status) return status;
  if (loads && arguments_.data.empty()) {
    if (Status status = check_own_data(run, settings_); !status) {
      return Error{in_saved(status).message + "; give them with --data"};
    }
  }

  if (Status status = experiment_->reset(settings_, seed_); !status) return status;
  if (loads) {
    if (Status status = experiment_->load(bytes_of(saved)); !status) return in_saved(status);
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
  }
  if (frame_.is_open()) {
    const Frame frame = experiment_->frame();
    frame_.write(ends_with(arguments_.frame, ".svg") ? frame_to_svg(frame)
                                                     : frame_to_json(frame).dump() + "\n");
  }
  if (log_.is_open()) log_.write(summary.dump() + "\n");
  // One that cannot be written does not lose the others.
  Status first;
  for (OutputFile* file : {&save_, &frame_, &log_}) {
    if (!file->is_open()) continue;
    if (Status status = file->commit(); !status && first) first = status;
  }
  return first;
}

int Training::run() {
  const bool bar = isatty(STDERR_FILENO) != 0;
  const std::int64_t interval = std::max<std::int64_t>((last_ - first_) / reports, 1);
  std::string trouble;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  for (std::int64_t done_steps = first_; done_steps < last_ && interrupted == 0 && std::cout;) {
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
  if (!written) return complain(written.error(), failed);
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
      "between two\nsteps, and so does a reader of these lines that goes away; files are still "
      "written, and whole. They replace\nwhat a link points to; a device or a pipe is written to "
      "as it is. Exit codes: 0 done or stopped, 1 the run\ndiverged (the files hold the last good "
      "state) or a file could not be written to its end, 2 bad input.");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("experiment", arguments->experiment, "Its name: see neural-ode experiments")
      ->required();
  command->add_option("--set", arguments->set, "name=value, a parameter; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_whole<std::int64_t>(*command, "--steps", arguments->steps, 0, 1'000'000'000,
                          "Steps to train (default: the experiment's own)");
  command
      ->add_option_function<std::string>(
          "--seed",
          [arguments](const std::string& text) { arguments->seed = read_seed("--seed", text); },
          "Seed of the data, the weights and the batches")
      ->type_name("INTEGER");
  command->add_option(
      "--data", arguments->data,
      "CSV of your own data: x,y,label for classify; x,y for density; t,x,y[,trajectory] for "
      "dynamics, latent and filter, which takes t,x too; - for standard input; for digits the "
      "folder of the MNIST files");
  add_output(*command, "--log", arguments->log, "Write the loss of every step as JSON lines");
  add_output(*command, "--save", arguments->save, "Write the whole run as safetensors");
  command->add_option("--load", arguments->load,
                      "Go on with a saved run: its parameters and seed, unless set here");
  add_output(*command, "--frame", arguments->frame, "Write the last picture: .json or .svg");
  command
      ->add_option("--kernel", arguments->kernel,
                   "fast: the processor's best; portable: the same bits everywhere")
      ->capture_default_str()
      ->check(CLI::IsMember({"fast", "portable"}));
  add_threads(*command, arguments->threads);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace neural_ode::cli
