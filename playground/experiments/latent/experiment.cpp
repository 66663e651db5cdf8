#include "playground/experiments/latent/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "engine/data/series.h"
#include "engine/nn/activation.h"
#include "playground/experiments/latent/run.h"
#include "playground/training/rows.h"

namespace neural_ode {

namespace {

constexpr char name[] = "latent";
constexpr int default_steps = 12000;
constexpr std::int64_t steps_between_tests = 100;
// Steps of the ODE-RNN over the whole window, about: where observations are few the gaps are long.
constexpr int flow_steps = 40;
// Streams of the generator beyond those of Trainee: noise of the test's one sample of z0.
constexpr std::uint64_t test_stream = 4;

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
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

LatentSpec spec_of(const Settings& settings, const LatentData& data) {
  LatentSpec spec;
  const auto dim = static_cast<int>(data.dim), latent = settings.integer("latent_dim");
  const Activation activation = *find_activation(settings.choice("activation"));
  spec.encoder = {.data_dim = dim,
                  .latent_dim = latent,
                  .hidden = settings.integer("recurrent"),
                  .ode = settings.choice("encoder") == "ode_rnn",
                  .field_hidden = settings.integer("hidden"),
                  .flow_steps = std::max(1, flow_steps / settings.integer("observations"))};
  spec.decoder.data_dim = dim;
  spec.decoder.latent_dim = latent;
  spec.decoder.hidden = settings.integer("hidden");
  spec.decoder.layers = settings.integer("layers");
  spec.decoder.activation = activation;
  spec.decoder.readout_hidden = settings.integer("hidden");
  spec.decoder.recurrent_hidden = settings.integer("recurrent");
  spec.decoder.solver = solver_options(settings);
  spec.rnn_decoder = settings.choice("model") == "rnn";
  spec.learn_noise = settings.flag("learn_noise");
  // Learning it begins at a third of the spread of the data.
  const double sigma = spec.learn_noise ? 0.3 : settings.number("sigma") / data.scale;
  spec.log_variance = 2 * math::log(sigma);
  return spec;
}

}  // namespace

const ExperimentInfo& latent_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

Status Latent::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  model_.reset();
  const bool own = settings.choice("data") == "own";
  if (own) {
    if (Status status = own_.check(); !status) return status;
  }
  Rng rng(seed, Trainee::data_stream);
  data_ = make_latent_data(settings, own ? own_.trajectories() : std::vector<Trajectory>(), rng);
  LatentSpec spec = spec_of(settings, data_);
  const auto strategy = gradient_strategy(settings, spec.decoder.solver);
  if (!strategy) return Error{strategy.error()};
  spec.decoder.gradient = strategy.value();
  model_ = std::make_unique<LatentModel<float>>(spec);
  Rng weights(seed, Trainee::weight_stream);
  trainee_.start(settings, seed, settings.integer("round"), model_->layout(),
                 model_->initialize(weights));
  solve_ = {};
  scores_ = {};
  tested_step_ = -1;
  dragged_.resize(0);

  std::vector<int> all(data_.test.size());
  std::iota(all.begin(), all.end(), 0);
  const bool whole = settings.choice("targets") == "all";
  fill_batch(data_, data_.test, &data_.test_seen, all, test_seen_);
  fill_batch(data_, data_.test, whole ? nullptr : &data_.test_seen, all, test_target_);
  const Index latent = spec.encoder.latent_dim, series = test_seen_.series();
  test_mean_.resize(latent, series);
  test_log_variance_.resize(latent, series);
  test_eps_.resize(latent, series);
  Rng noise(seed, test_stream);
  for (Index i = 0; i < test_eps_.size(); ++i)
    test_eps_.data()[i] = static_cast<float>(noise.normal());
  if (!data_.truth.empty()) {
    const auto& times = data_.truth[0].times;
    truth_times_ = Eigen::Map<const Vector<double>>(times.data(), static_cast<Index>(times.size()))
                       .replicate(1, series);
  }

  const auto shown = own ? data_.test.size() - 1 : 0;
  Trajectory first;
  for (const int i : data_.test_seen[shown])
    first.times.push_back(data_.test[shown].times[static_cast<std::size_t>(i)]);
  first.y.resize(data_.dim, static_cast<Index>(first.times.size()));
  for (Index i = 0; i < first.y.cols(); ++i)
    first.y.col(i) = data_.test[shown].y.col(data_.test_seen[shown][static_cast<std::size_t>(i)]);
  query_.start(std::move(first));
  return {};
}

double Latent::kl_weight() const {
  const double weight = settings_.number("kl_weight"), steps = settings_.number("kl_annealing");
  const auto done = static_cast<double>(trainee_.step() + 1);
  return done >= steps ? weight : weight * done / steps;
}

StepReport Latent::step() {
  if (!model_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  const auto available = static_cast<std::uint32_t>(data_.train.size());
  series_.resize(std::min<std::size_t>(static_cast<std::size_t>(settings_.integer("batch")),
                                       data_.train.size()));
  for (int& k : series_) k = static_cast<int>(trainee_.rng().below(available));
  const bool whole = settings_.choice("targets") == "all";
  for (const int k : series_) {
    const auto at = static_cast<std::size_t>(k);
    if (whole) draw_seen(data_.train[at].y.cols(), data_.train_seen[at], trainee_.rng());
  }
  fill_batch(data_, data_.train, &data_.train_seen, series_, seen_);
  fill_batch(data_, data_.train, whole ? nullptr : &data_.train_seen, series_, target_);
  eps_.resize(settings_.integer("latent_dim"), static_cast<Index>(series_.size()));
  for (Index i = 0; i < eps_.size(); ++i)
    eps_.data()[i] = static_cast<float>(trainee_.rng().normal());

  const SolveReport& solve = model_->loss_and_gradient(trainee_.theta(), seen_, target_, eps_,
                                                       kl_weight(), trainee_.theta_bar());
  const StepReport report = trainee_.finish(solve.succeeded() ? model_->loss() : unknown, solve);
  if (!report.ok) return report;
  solve_ = solve;
  if (trainee_.step() % steps_between_tests == 0) {
    test();
    trainee_.record_test(scores_.loss);
  }
  return report;
}

void Latent::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  const Vector<float>& theta = trainee_.theta();
  const auto series = static_cast<double>(data_.test.size());
  if (model_->evaluate(theta, test_seen_, test_target_, test_eps_).succeeded()) {
    scores_.loss = (kl_weight() * model_->terms().kl - model_->terms().log_likelihood) /
                   static_cast<double>(test_target_.observations());
    scores_.kl = model_->terms().kl / series;
    // The density of the data themselves, not of what the model works with.
    const auto entries = static_cast<double>(test_target_.observations() * data_.dim);
    scores_.elbo =
        (model_->terms().log_likelihood - entries * math::log(data_.scale)) / series - scores_.kl;
  }
  model_->encode(theta, test_seen_, test_mean_, test_log_variance_);
  choose_axes();
  if (data_.truth.empty()) return;
  Matrix<float> x;
  if (!model_->decode(theta, test_mean_, data_.t0, truth_times_, x).succeeded()) return;
  const Index count = test_mean_.cols(), times = truth_times_.rows();
  double inside = 0, beyond = 0;
  for (Index i = 0; i < times; ++i) {
    double& sum = 2 * i < times ? inside : beyond;
    for (Index s = 0; s < count; ++s) {
      const Matrix<double>& truth = data_.truth[static_cast<std::size_t>(s)].y;
      for (Index d = 0; d < data_.dim; ++d) {
        const double miss = data_.to_data(x(d, i * count + s), d) - truth(d, i);
        sum += miss * miss;
      }
    }
  }
  const auto entries = static_cast<double>(count * data_.dim * times / 2);
  scores_.rmse = std::sqrt(inside / entries);
  scores_.extrapolation_rmse = std::sqrt(beyond / entries);
}

bool Latent::curves(const Matrix<float>& codes, const std::vector<double>& times,
                    Matrix<double>& x) {
  const Matrix<double> all =
      Eigen::Map<const Vector<double>>(times.data(), static_cast<Index>(times.size()))
          .replicate(1, codes.cols());
  Matrix<float> decoded;
  if (!model_->decode(trainee_.theta(), codes, data_.t0, all, decoded).succeeded()) return false;
  x.resize(decoded.rows(), decoded.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    for (Index d = 0; d < x.rows(); ++d) x(d, j) = data_.to_data(decoded(d, j), d);
  }
  return true;
}

Status Latent::edit(const Edit& edit) {
  if (model_ && edit.plot == "latent") return edit_code(edit);
  if (settings_.table().empty() || settings_.choice("data") == "own") return own_.edit(edit);
  if (!model_) return Error{"there is no run: its settings cannot be used"};
  const bool plane = data_.dim == 2;
  if (!edit.plot.empty() && edit.plot != (plane ? "plane" : "time"))
    return Error{"observations are added and removed on the first plot"};
  const Trajectory& now = query_.observations();
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y))
        return Error{"an observation needs finite coordinates"};
      // In the plane a point says nothing of its time: that at which the fit comes nearest.
      const double t = plane ? nearest_time(edit.x, edit.y) : edit.x;
      if (t <= data_.t0 || t > data_.t_end)
        return Error{"an observation has a time after t0 and up to the end of the picture"};
      Vector<double> y(data_.dim);
      if (plane) {
        y << edit.x, edit.y;
      } else {
        y << edit.y;
      }
      return query_.add(t, y);
    }
    case Edit::Action::remove: {
      Index nearest = -1;
      double best = edit.radius * edit.radius;
      for (Index i = 0; i < now.y.cols(); ++i) {
        const double dx = (plane ? now.y(0, i) : now.times[static_cast<std::size_t>(i)]) - edit.x;
        const double dy = now.y(plane ? 1 : 0, i) - edit.y;
        if (dx * dx + dy * dy > best) continue;
        best = dx * dx + dy * dy;
        nearest = i;
      }
      return query_.remove(nearest);
    }
    case Edit::Action::clear:
      query_.clear();
      return {};
    case Edit::Action::undo:
      return query_.undo();
  }
  return {};
}

std::vector<std::uint8_t> Latent::save() const {
  return model_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status Latent::load(std::span<const std::uint8_t> safetensors) {
  if (!model_) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  solve_ = {};
  tested_step_ = -1;
  return {};
}

std::unique_ptr<Experiment> make_latent() {
  return std::make_unique<Latent>();
}

}  // namespace neural_ode
