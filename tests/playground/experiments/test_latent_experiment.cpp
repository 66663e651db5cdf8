// The experiment `latent`: edits, own data, and that it learns.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/experiments/latent/data.h"
#include "playground/experiments/latent/experiment.h"
#include "playground/experiments/latent/query.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::find_layer;
using testing::shape_of;

namespace {

Settings cheap(const Experiment& experiment,
               const std::vector<std::pair<std::string, std::string>>& values) {
  Settings settings(experiment.info().parameters);
  settings.set("batch", "32");
  settings.set("observations", "10");
  for (const auto& [name, value] : values) REQUIRE_FALSE(settings.set(name, value));
  return settings;
}

double metric(Experiment& experiment, const char* name) {
  const Frame frame = experiment.frame();
  REQUIRE(frame.find_metric(name) != nullptr);
  return frame.find_metric(name)->value;
}

void train(Experiment& experiment, int steps) {
  for (int i = 0; i < steps; ++i) REQUIRE(experiment.step().ok);
}

const Points& observed(const Frame& frame) {
  const Layer* layer = find_layer(frame.plots[0], "observed");
  REQUIRE(layer != nullptr);
  return shape_of<Points>(*layer);
}

// Mean width of the band of the first plot.
double band_width(const Frame& frame) {
  const Layer* layer = find_layer(frame.plots[0], "possible");
  REQUIRE(layer != nullptr);
  const auto& band = shape_of<Band>(*layer);
  double sum = 0;
  for (std::size_t i = 0; i < band.count(); ++i)
    sum += static_cast<double>(band.high[i] - band.low[i]);
  return sum / static_cast<double>(band.count());
}

}  // namespace

TEST_CASE("latent: every model and encoder learns damped waves in sixty steps") {
  for (const std::string model : {"ode", "rnn"}) {
    for (const std::string encoder : {"rnn", "ode_rnn"}) {
      CAPTURE(model);
      CAPTURE(encoder);
      const auto experiment = make_latent();
      REQUIRE(experiment->reset(cheap(*experiment, {{"data", "damped"},
                                                    {"noise", "0.05"},
                                                    {"targets", "all"},
                                                    {"model", model},
                                                    {"encoder", encoder}}),
                                1));
      const double before = metric(*experiment, "test_loss");
      train(*experiment, 60);
      CHECK(metric(*experiment, "test_loss") < before - 0.2);
      CHECK(metric(*experiment, "rmse") > 0);
    }
  }
}

TEST_CASE("latent: the observations of the series shown are added, removed and brought back") {
  const auto experiment = make_latent();
  REQUIRE(experiment->reset(cheap(*experiment, {{"data", "damped"}, {"noise", "0.05"}}), 1));
  train(*experiment, 30);
  const auto saved = experiment->save();
  const std::size_t count = observed(experiment->frame()).x.size();
  REQUIRE(count == 10);
  REQUIRE(experiment->edit({"time", Edit::Action::add, 2.345, 0.25, 0, 0}));
  {
    const Frame frame = experiment->frame();
    const Points& dots = observed(frame);
    REQUIRE(dots.x.size() == 11);
    bool found = false;
    for (std::size_t i = 0; i < 11; ++i) {
      if (i > 0) CHECK(dots.x[i] > dots.x[i - 1]);  // in the order of time
      found = found || (std::abs(dots.x[i] - 2.345F) < 1e-6F && dots.y[i] == 0.25F);
    }
    CHECK(found);
  }
  CHECK_FALSE(experiment->edit({"time", Edit::Action::remove, 2.345, 0.9, 0, 0.1}));
  REQUIRE(experiment->edit({"time", Edit::Action::remove, 2.4, 0.2, 0, 0.1}));
  CHECK(observed(experiment->frame()).x.size() == 10);
  REQUIRE(experiment->edit({"time", Edit::Action::undo, 0, 0, 0, 0}));
  CHECK(observed(experiment->frame()).x.size() == 11);
  REQUIRE(experiment->edit({"time", Edit::Action::clear, 0, 0, 0, 0}));
  CHECK(observed(experiment->frame()).x.empty());
  CHECK_FALSE(experiment->edit({"time", Edit::Action::add, 99, 0, 0, 0}));
  CHECK(experiment->save() == saved);  // training does not notice
}

TEST_CASE("latent: the fewer the observations, the wider the band") {
  const auto experiment = make_latent();
  REQUIRE(experiment->reset(
      cheap(*experiment, {{"data", "damped"}, {"noise", "0.05"}, {"targets", "all"}}), 1));
  train(*experiment, 150);
  const double many = band_width(experiment->frame());
  REQUIRE(experiment->edit({"time", Edit::Action::clear, 0, 0, 0, 0}));
  const double none = band_width(experiment->frame());
  CHECK(none > 1.3 * many);
  REQUIRE(experiment->edit({"time", Edit::Action::add, 0.5, 0.9, 0, 0}));
  CHECK(band_width(experiment->frame()) > 1.1 * many);
}

TEST_CASE("latent: a click in the plane is an observation at the time when the fit is nearest") {
  const auto experiment = make_latent();
  REQUIRE(experiment->reset(cheap(*experiment, {}), 2));
  train(*experiment, 5);
  const Frame before = experiment->frame();
  const std::size_t count = observed(before).x.size();
  REQUIRE(experiment->edit({"plane", Edit::Action::add, 1, 2, 0, 0}));
  CHECK(observed(experiment->frame()).x.size() == count + 1);
  CHECK_FALSE(experiment->edit({"loss", Edit::Action::add, 1, 2, 0, 0}));
}

namespace {

// Null: there is no such layer, or no such plot.
template <class Type>
const Type* find_shape(const Frame& frame, std::string_view id, std::string_view label) {
  for (const Plot& plot : frame.plots) {
    const Layer* layer = plot.id == id ? find_layer(plot, label) : nullptr;
    if (layer != nullptr) return &shape_of<Type>(*layer);
  }
  return nullptr;
}

}  // namespace

TEST_CASE("latent: a code that is dragged shows its motion beside the fit, until it is put back") {
  constexpr const char *handle = "a code to drag", *motion = "motion of the code dragged";
  const auto experiment = make_latent();
  REQUIRE(experiment->reset(cheap(*experiment, {{"latent_dim", "3"}}), 2));
  train(*experiment, 20);
  const auto saved = experiment->save();
  const Frame before = experiment->frame();
  const auto* code = find_shape<Points>(before, "latent", handle);
  REQUIRE(code != nullptr);
  REQUIRE(code->x.size() == 1);
  CHECK(code->handle);
  CHECK(code->x == find_shape<Points>(before, "latent", "the series in the picture")->x);
  CHECK(find_shape<Paths>(before, "plane", motion) == nullptr);

  // Where it was: the motion is the fit. The hand is exact to float here.
  const double x = static_cast<double>(code->x[0]), y = static_cast<double>(code->y[0]);
  REQUIRE(experiment->edit({"latent", Edit::Action::add, x, y, 0, 0}));
  const Frame same = experiment->frame();
  const auto* moved = find_shape<Paths>(same, "plane", motion);
  REQUIRE(moved != nullptr);
  const auto* fit = find_shape<Paths>(same, "plane", "inferred motion");
  REQUIRE(moved->x.size() == fit->x.size());
  for (std::size_t i = 0; i < fit->x.size(); i += 20) {
    CHECK(moved->x[i] == doctest::Approx(fit->x[i]).epsilon(1e-3));
    CHECK(moved->y[i] == doctest::Approx(fit->y[i]).epsilon(1e-3));
  }

  // Elsewhere: another motion; the fit, the axes and the training do not notice.
  REQUIRE(experiment->edit({"latent", Edit::Action::add, x + 2, y - 1, 0, 0}));
  const Frame after = experiment->frame();
  CHECK(find_shape<Points>(after, "latent", handle)->x[0] == static_cast<float>(x + 2));
  CHECK(find_shape<Points>(after, "latent", handle)->y[0] == static_cast<float>(y - 1));
  CHECK(find_shape<Points>(after, "latent", "the series in the picture")->x == code->x);
  CHECK(find_shape<Paths>(after, "plane", "inferred motion")->x ==
        find_shape<Paths>(before, "plane", "inferred motion")->x);
  CHECK(find_shape<Paths>(after, "plane", motion)->x != fit->x);
  const auto axes = [](const Frame& frame) {
    for (const Plot& plot : frame.plots)
      if (plot.id == "latent") return plot.x.maximum;
    return 0.0;
  };
  CHECK(axes(after) == axes(before));
  CHECK(experiment->save() == saved);

  CHECK_FALSE(experiment->edit({"latent", Edit::Action::add, NAN, 0, 0, 0}));
  CHECK_FALSE(experiment->edit({"latent", Edit::Action::undo, 0, 0, 0, 0}));
  REQUIRE(experiment->edit({"latent", Edit::Action::clear, 0, 0, 0, 0}));
  CHECK(find_shape<Paths>(experiment->frame(), "plane", motion) == nullptr);
  CHECK(find_shape<Points>(experiment->frame(), "latent", handle)->x == code->x);
}

TEST_CASE("latent: a code dragged to that of another series shows the motion of the other") {
  // Two coordinates: the code of the series that "another" stands for can be put in place whole.
  const auto experiment = make_latent();
  REQUIRE(experiment->reset(cheap(*experiment, {{"data", "damped"}, {"latent_dim", "2"}}), 1));
  train(*experiment, 40);
  const Frame before = experiment->frame();
  const Plot& latent = *std::find_if(before.plots.begin(), before.plots.end(),
                                     [](const Plot& plot) { return plot.id == "latent"; });
  const auto& codes = shape_of<Points>(latent.layers.front());
  REQUIRE(experiment->edit({"latent", Edit::Action::add, static_cast<double>(codes.x[1]),
                            static_cast<double>(codes.y[1]), 0, 0}));
  const Frame after = experiment->frame();
  const auto* moved = find_shape<Paths>(after, "time", "motion of the code dragged");
  const auto* other = find_shape<Paths>(after, "between", "another");
  REQUIRE(moved != nullptr);
  REQUIRE(other != nullptr);
  REQUIRE(moved->y.size() == other->y.size());
  for (std::size_t i = 0; i < moved->y.size(); i += 10)
    CHECK(moved->y[i] == doctest::Approx(other->y[i]).epsilon(1e-3));
}

TEST_CASE(
    "latent: a code of one dimension is dragged along its only axis, before any picture too") {
  const auto experiment = make_latent();
  REQUIRE(experiment->reset(cheap(*experiment, {{"data", "damped"}, {"latent_dim", "1"}}), 1));
  REQUIRE(experiment->edit({"latent", Edit::Action::add, 0.5, -3, 0, 0}));
  const Frame frame = experiment->frame();
  const auto* code = find_shape<Points>(frame, "latent", "a code to drag");
  CHECK((code->x[0] == 0.5F && code->y[0] == 0.5F));
  REQUIRE(experiment->reset(cheap(*experiment, {{"data", "damped"}, {"latent_dim", "4"}}), 1));
  CHECK(find_shape<Paths>(experiment->frame(), "time", "motion of the code dragged") == nullptr);
}

TEST_CASE("latent: own series of unequal length train") {
  const auto experiment = make_latent();
  std::string csv = "t,x,y,trajectory\n";
  for (int k = 0; k < 3; ++k) {
    for (int i = 0; i < 5 + 4 * k; ++i) {
      const double t = 0.1 * i + 0.03 * k;
      csv += std::to_string(t) + "," + std::to_string(3 * t) + "," + std::to_string(k - t) + "," +
             std::to_string(k) + "\n";
    }
  }
  const Settings settings = cheap(*experiment, {{"data", "own"}});
  CHECK_FALSE(experiment->reset(settings, 1));  // nothing yet
  CHECK(experiment->frame().plots[0].drawing == Plot::Drawing::trajectories);
  REQUIRE(experiment->set_data(csv));
  REQUIRE(experiment->reset(settings, 1));
  const double before = metric(*experiment, "test_loss");
  train(*experiment, 40);
  CHECK(metric(*experiment, "test_loss") < before);
  CHECK(std::isnan(metric(*experiment, "extrapolation_rmse")));
}

TEST_CASE("latent: own series come to the same fit in any units, also where values are missing") {
  std::vector<double> first;
  for (const double unit : {1.0, 3600.0, 1e12}) {
    CAPTURE(unit);
    const auto experiment = make_latent();
    std::string csv = "y,x,t,run\n";
    for (int k = 0; k < 4; ++k) {
      for (int i = 0; i < 8; ++i) {
        const double t = 0.1 * i;
        csv += (i == 3 ? "" : std::to_string(unit * (k - 3 * t))) + "," +
               std::to_string(7 * unit * (1 + t * k)) + "," + std::to_string(unit * t) + ",run " +
               std::to_string(k) + "\n";
      }
    }
    REQUIRE(experiment->set_data(csv));
    REQUIRE(experiment->reset(cheap(*experiment, {{"data", "own"}}), 1));
    train(*experiment, 30);
    const std::vector<double> found = {metric(*experiment, "loss"),
                                       metric(*experiment, "test_loss"),
                                       metric(*experiment, "sigma") / unit};
    if (first.empty()) first = found;
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(std::isfinite(found[i]));
      CHECK(found[i] == doctest::Approx(first[i]).epsilon(1e-3));
    }
    // The density of the data themselves falls with their units: 4 series of 8 x and 7 y.
    const double elbo = metric(*experiment, "elbo") + 15 * std::log(unit);
    first.resize(4, elbo);
    CHECK(elbo == doctest::Approx(first[3]).epsilon(1e-3));
    for (const Plot& plot : experiment->frame().plots) {
      for (const Layer& layer : plot.layers) {
        if (const auto* points = std::get_if<Points>(&layer.shape)) {
          for (const float x : points->x) CHECK(std::isfinite(x));
          for (const float y : points->y) CHECK(std::isfinite(y));
        }
      }
    }
  }
}

TEST_CASE("latent data: observations to be shown are increasing, and each as likely as any") {
  Rng rng(5);
  std::vector<int> hits(10), seen(3);
  for (int round = 0; round < 3000; ++round) {
    latent::draw_seen(10, seen, rng);
    REQUIRE(seen.size() == 3);
    CHECK((0 <= seen[0] && seen[0] < seen[1] && seen[1] < seen[2] && seen[2] < 10));
    for (const int i : seen) ++hits[static_cast<std::size_t>(i)];
  }
  // 900 +- 25 (one standard deviation) each.
  for (const int count : hits) CHECK(std::abs(count - 900) < 100);
  latent::draw_seen(2, seen, rng);
  CHECK(seen == std::vector<int>{0, 1});
}

TEST_CASE("latent query: refinement raises the evidence lower bound of the series") {
  const auto make_data = [] {
    Settings settings(make_latent()->info().parameters);
    settings.set("data", "damped");
    settings.set("noise", "0.05");
    settings.set("observations", "10");
    Rng rng(1);
    return latent::make_data(latent::read_options(settings).value(), OwnTrajectories(), rng);
  };
  const latent::Data data = make_data();
  LatentSpec spec;
  spec.encoder.data_dim = spec.decoder.data_dim = 1;
  spec.decoder.solver.method = find_method("dopri5");
  spec.decoder.solver.rtol = spec.decoder.solver.atol = 1e-3;
  spec.decoder.gradient = find_gradient("discrete");
  LatentModel<float> model(spec);
  Rng rng(3);
  const Vector<float> theta = model.initialize(rng);

  latent::Query query;
  Trajectory series;
  series.times = {0.2, 0.7};
  series.y = Matrix<double>::Constant(1, 2, 0.5);
  query.start(series);
  REQUIRE(query.infer(data, model, theta));
  const Vector<float> first_mean = query.mean(), first_log_variance = query.log_variance();
  REQUIRE(query.add(1.5, Vector<double>::Constant(1, 0.4)));
  SeriesBatch<float> batch;
  fill_batch(data, query.observations(), 64, batch);
  Matrix<float> mean(4, 64), log_variance(4, 64), eps(4, 64);
  for (float& e : eps.reshaped()) e = static_cast<float>(rng.normal());
  model.encode(theta, batch, mean, log_variance);
  const auto elbo = [&](const Vector<float>& m, const Vector<float>& v) {
    Matrix<float> z0(4, 64), x;
    double kl = 0, sum = 0;
    for (Index j = 0; j < 4; ++j) {
      const double mu = static_cast<double>(m[j]), l = static_cast<double>(v[j]);
      kl += 0.5 * (mu * mu + std::exp(l) - 1 - l);
      for (Index k = 0; k < 64; ++k) z0(j, k) = m[j] + std::exp(v[j] / 2) * eps(j, k);
    }
    REQUIRE(model.decode(theta, z0, data.t0, batch.times, x).succeeded());
    for (Index i = 0; i < x.cols(); ++i) sum -= 0.5 * std::pow(x(0, i) - batch.x(0, i), 2);
    return sum / 64 - kl;
  };
  const double amortised = elbo(mean.col(0), log_variance.col(0));
  REQUIRE(query.infer(data, model, theta));
  CHECK(elbo(query.mean(), query.log_variance()) > amortised);
}

TEST_CASE(
    "latent: observations are the series and noise of the stated width, as many as promised") {
  for (const std::string data : {"spirals", "periodic", "damped"}) {
    CAPTURE(data);
    const auto experiment = make_latent();
    const auto options =
        latent::read_options(cheap(*experiment, {{"data", data}, {"noise", "0.1"}}));
    REQUIRE(options);
    Rng rng(3);
    const latent::Data made = latent::make_data(options.value(), {}, rng);
    CHECK(made.train.size() == 1000);
    CHECK(made.test.size() == 200);
    double squares = 0, count = 0;
    for (std::size_t k = 0; k < made.test.size(); ++k) {
      const Matrix<double> noise = made.test[k].y - made.truth[k].y.leftCols(made.test[k].y.cols());
      squares += noise.squaredNorm();
      count += static_cast<double>(noise.size());
      CHECK(made.test_seen[k].size() == 10);
    }
    CHECK(std::sqrt(squares / count) == doctest::Approx(0.1).epsilon(0.03).scale(0));
  }
}
