#include "playground/experiments/digits/parameters.h"

#include <utility>

#include "playground/experiments/digits/experiment.h"
#include "playground/experiments/digits/images.h"
#include "playground/training/rows.h"

namespace neural_ode::digits {

namespace {

struct Preset {
  const char* name;
  int channels, train, test;  // images; 0: all
};
constexpr Preset presets[] = {{"page", 16, 5000, 1000}, {"full", 64, 0, 0}};

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "digits";
  info.label = "Digits";
  info.promise = "An ODE in place of a stack of residual blocks reads handwritten digits.";
  info.look_for =
      "Columns hold test digits that the network takes for the same class; framed ones are "
      "mistaken. Draw a digit on the square, or pick one from a column: the bars show what it is "
      "taken for. Watch the number of evaluations grow as training makes the flow more complex.";
  info.default_steps = 780;
  info.suggestions = {
      {"The residual network", {{"model", "resnet"}}},
      {"Backsolve: the adjoint of the paper", {{"gradient", "backsolve"}}},
      {"As in the paper: Dormand-Prince at 1e-3", {{"solver", "dopri5"}, {"tolerance", "0.001"}}},
      {"Two Euler steps", {{"solver", "euler"}, {"step_size", "0.5"}}},
  };
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "preset", "Preset", {{"page", "Page"}, {"full", "Full"}},
                             "page",
                             "Page: 16 channels and at most 5000 training and 1000 test images. "
                             "Full: 64 channels and all images there are."));
  table.push_back(noise_row(0));
  table.back().help =
      "Standard deviation of the normal noise added to the pixels trained on, of which 0 is paper "
      "and 1 ink.";
  table.push_back(choice_row(Group::model, "model", "Model", {{"ode", "ODE"}, {"resnet", "ResNet"}},
                             "ode",
                             "Between the shrinking convolutions and the read-out: an ODE on "
                             "[0, 1], or residual blocks."));
  table.push_back(integer_row(Group::model, "hidden", "Channels", 0, 128, 0,
                              "Channels of every convolution; 0: those of the preset."));
  table.push_back(shown_for(integer_row(Group::model, "layers", "Residual blocks", 1, 12, 6,
                                        "Blocks of two convolutions; the paper's baseline has 6."),
                            "model", {"resnet"}));
  add_solver_rows(table, "bosh3", 1e-2, 0.25, Methods::explicit_only);
  add_training_rows(table, 0.003, 32, "cosine");
  table.push_back(integer_row(Group::training, "epochs", "Epochs", 1, 100, 5,
                              "How often training goes through all its images; the schedule ends "
                              "with the last."));
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  const Preset& preset = presets[static_cast<std::size_t>(settings.number("preset"))];
  read.train = preset.train;
  read.test = preset.test;
  read.noise = settings.number("noise");
  OdeNetSpec& spec = read.spec;
  spec.image = {1, digit_side, digit_side};
  const int channels = settings.integer("hidden");
  spec.channels = channels == 0 ? preset.channels : channels;
  spec.classes = digit_classes;
  spec.residual_blocks = settings.choice("model") == "resnet" ? settings.integer("layers") : 0;
  if (Status status = read_solver(settings, spec.solver, spec.gradient); !status)
    return Error{status.error()};
  read.batch = settings.integer("batch");
  read.epochs = settings.integer("epochs");
  return read;
}

}  // namespace neural_ode::digits

namespace neural_ode {

const ExperimentInfo& digits_info() {
  static const ExperimentInfo info = digits::make_info();
  return info;
}

}  // namespace neural_ode
