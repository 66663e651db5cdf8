#include "playground/experiments/latent/parameters.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/series.h"
#include "engine/nn/activation.h"
#include "playground/experiments/latent/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::latent {

namespace {

constexpr int default_steps = 12000;
// Steps of the ODE-RNN over the whole window, about: where observations are few the gaps are long.
constexpr int flow_steps = 40;

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "latent";
  info.label = "Latent ODE";
  info.promise = "From a few noisy observations of a motion, infer where it comes from and goes.";
  info.look_for =
      "An encoder turns the dots into a guess about a hidden state; an ODE carries that state "
      "through time. The band is what the model holds possible: wide where nothing was seen, "
      "narrow where the dots pin the motion down. Beyond the window nothing was ever observed.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Spirals from 30 observations", {{"data", "spirals"}, {"observations", "30"}}},
      {"The recurrent baseline", {{"data", "spirals"}, {"model", "rnn"}}},
      {"Ten points of a wave",
       {{"data", "periodic"},
        {"observations", "10"},
        {"noise", "0.05"},
        {"targets", "all"},
        {"encoder", "ode_rnn"},
        {"latent_dim", "10"},
        {"hidden", "40"},
        {"activation", "elu"},
        {"recurrent", "64"},
        {"learn_noise", "false"},
        {"sigma", "0.1"},
        {"tolerance", "0.01"},
        {"kl_weight", "1"},
        {"learning_rate", "0.004"},
        {"batch", "16"}}},
      {"Damped waves",
       {{"data", "damped"}, {"observations", "15"}, {"noise", "0.05"}, {"targets", "all"}}},
  };

  std::vector<Choice> sets;
  std::vector<std::string> known;
  for (const SeriesFamily& family : series_families()) {
    sets.push_back({std::string(family.name), std::string(family.label)});
    known.emplace_back(family.name);
  }
  sets.push_back({"own", "Your own series"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "spirals",
                             "1000 series of one family, or your own, drawn on the picture or "
                             "pasted as rows of t,x,y or t,x,y,trajectory."));
  table.back().pictures = true;
  table.push_back(shown_for(noise_row(0.3), "data", known));
  table.push_back(integer_row(Group::data, "observations", "Observations", 3, 100, 50,
                              "Observations of each series that the encoder is shown, at times "
                              "drawn at random from those of the window."));
  table.push_back(
      choice_row(Group::data, "targets", "Learn from",
                 {{"observed", "The observed points"}, {"all", "The whole window"}}, "observed",
                 "What the likelihood is of in training: the points that the encoder "
                 "was shown, always the same ones, or all points of the window, of which it is "
                 "shown others at every step."));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"ode", "Latent ODE"}, {"rnn", "RNN"}}, "ode",
                             "What carries the latent state through time: an ODE, or a gated "
                             "recurrent network from one time to the next."));
  table.push_back(choice_row(
      Group::model, "encoder", "Encoder", {{"rnn", "RNN"}, {"ode_rnn", "ODE-RNN"}}, "rnn",
      "Reads the observations backwards: a recurrent network told the time gaps, or one whose "
      "state follows an ODE between the observations."));
  table.push_back(integer_row(Group::model, "latent_dim", "Latent dims", 1, 16, 4,
                              "Dimensions of the latent state z."));
  table.push_back(hidden_row(20));
  table.push_back(layers_row(2));
  table.push_back(activation_row("silu"));
  table.push_back(integer_row(Group::model, "recurrent", "Recurrent units", 1, 128, 25,
                              "Units of the encoder, and of the recurrent model."));
  table.push_back(flag_row(Group::model, "learn_noise", "Learn the noise", true,
                           "Learn the standard deviation σ of an observation, for each "
                           "coordinate."));
  table.push_back(
      shown_for(logarithmic(real_row(Group::model, "sigma", "Noise σ", 0.001, 10, 0.3,
                                     "The standard deviation σ of an observation in p(x | z).")),
                "learn_noise", {"false"}));
  add_solver_rows(table, "dopri5", 1e-3, 0.2);
  table.push_back(logarithmic(real_row(
      Group::training, "kl_weight", "KL weight", 0.1, 100, 5,
      "Weight β of the KL term. Above 1 codes are blurred, so that neighbouring motions must share "
      "one flow, which then goes on being right beyond the window.")));
  table.push_back(integer_row(Group::training, "kl_annealing", "KL annealing", 0, 5000, 1200,
                              "Steps over which the weight of the KL term rises from 0, so "
                              "that the code is not given up before it is of use."));
  add_training_rows(table, 0.01, 32, "cosine");
  table.push_back(shown_for(
      logarithmic(integer_row(Group::training, "round", "Round", 100, 100'000, default_steps,
                              "Steps over which the learning rate falls to zero; then it starts "
                              "anew.")),
      "schedule", {"cosine"}));
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  read.data = settings.choice("data");
  read.noise = settings.number("noise");
  read.observations = settings.integer("observations");
  read.whole = settings.choice("targets") == "all";
  LatentSpec& spec = read.spec;
  const int latent_dim = settings.integer("latent_dim"), hidden = settings.integer("hidden");
  const int recurrent = settings.integer("recurrent");
  spec.encoder.latent_dim = spec.decoder.latent_dim = latent_dim;
  spec.encoder.hidden = recurrent;
  spec.encoder.ode = settings.choice("encoder") == "ode_rnn";
  spec.encoder.field_hidden = hidden;
  spec.encoder.flow_steps = std::max(1, flow_steps / read.observations);
  spec.decoder.hidden = spec.decoder.readout_hidden = hidden;
  spec.decoder.layers = settings.integer("layers");
  spec.decoder.activation = *find_activation(settings.choice("activation"));
  spec.decoder.recurrent_hidden = recurrent;
  if (Status status = read_solver(settings, spec.decoder.solver, spec.decoder.gradient); !status)
    return Error{status.error()};
  spec.rnn_decoder = settings.choice("model") == "rnn";
  spec.learn_noise = settings.flag("learn_noise");
  read.sigma = settings.number("sigma");
  read.kl_weight = settings.number("kl_weight");
  read.kl_annealing = settings.number("kl_annealing");
  read.batch = settings.integer("batch");
  read.round = settings.integer("round");
  return read;
}

}  // namespace neural_ode::latent

namespace neural_ode {

const ExperimentInfo& latent_info() {
  static const ExperimentInfo info = latent::make_info();
  return info;
}

}  // namespace neural_ode
