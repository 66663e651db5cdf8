#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/mechanical_systems.h"
#include "engine/fields/hamiltonian_field.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mechanical_model.h"
#include "playground/catalogue/catalogue.h"
#include "tests/support/allocations.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;
using testing::central_difference;

namespace {

constexpr MechanicalLaw laws[] = {MechanicalLaw::plain, MechanicalLaw::hamiltonian,
                                  MechanicalLaw::separable, MechanicalLaw::corrected};

Matrix<double> normal_matrix(Index rows, Index cols, Rng& rng) {
  Matrix<double> m(rows, cols);
  for (double& each : m.reshaped()) each = rng.normal();
  return m;
}

// A model whose network is nowhere zero, bound to its own theta.
struct Model {
  Model(MechanicalLaw law, const MechanicalSystem& system, int hidden = 6) {
    Rng rng(3);
    made = make_mechanical_model<double>(law, system, hidden, 2, Activation::tanh, rng);
    for (double& each : made.theta) each += 0.2 * rng.normal();
    made.bind(made.theta.data());
  }
  VectorField<double>& field() { return *made.field; }
  MechanicalModel<double> made;
};

SolverOptions tight(const char* method) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = options.atol = 1e-11;
  return options;
}

Settings settings_with(const Experiment& experiment,
                       const std::vector<std::pair<std::string, std::string>>& values) {
  Settings settings(experiment.info().parameters);
  for (const auto& [name, value] : values) REQUIRE_FALSE(settings.set(name, value));
  return settings;
}

double metric(Experiment& experiment, const char* name) {
  return experiment.frame().find_metric(name)->value;
}

void train(Experiment& experiment, int steps) {
  for (int i = 0; i < steps; ++i) REQUIRE(experiment.step().ok);
}

}  // namespace

TEST_CASE("mechanics: the energy falls by friction p^2 along every motion, and is kept without") {
  for (const MechanicalSystem& system : mechanical_systems()) {
    CAPTURE(std::string(system.name));
    const Index half = system.dim / 2;
    Rng rng(1);
    const Matrix<double> states = normal_matrix(system.dim, 5, rng);
    for (const double friction : {0.0, 0.15}) {
      Matrix<double> f(system.dim, 5);
      system.make(friction)->eval(Vector<double>::Zero(5), states, f);
      for (Index s = 0; s < 5; ++s) {
        Vector<double> gradient(system.dim), y = states.col(s);
        system.energy(y.data(), gradient.data());
        CHECK(gradient.dot(f.col(s)) ==
              doctest::Approx(-friction * y.tail(half).squaredNorm()).epsilon(1e-12));
        CHECK((gradient.tail(half) - f.col(s).head(half)).norm() < 1e-14);  // dH/dp = dq/dt
        for (Index d = 0; d < system.dim; ++d) {
          CHECK(std::abs(gradient[d] -
                         central_difference([&] { return system.energy(y.data(), nullptr); }, y[d],
                                            1e-3)) < 1e-7);
        }
      }
    }
  }
}

TEST_CASE("mechanics: a planet comes back after 2 pi, a pendulum after its elliptic integral") {
  constexpr double pi = 3.14159265358979323846;
  const MechanicalSystem& kepler = *find_mechanical_system("kepler");
  Rng rng(4);
  const Matrix<double> y0 = draw_states(kepler, 4, rng);
  for (const Trajectory& motion : make_motions(kepler, 0, y0, {0, 1, 2 * pi})) {
    CHECK((motion.y.col(2) - motion.y.col(0)).norm() < 1e-8);
    CHECK((motion.y.col(1) - motion.y.col(0)).norm() > 0.1);
  }
  // T = 2 pi / agm(1, cos(amplitude / 2)) for g = length = 1.
  double a = 1, b = std::cos(1.0);
  for (int i = 0; i < 8; ++i) {
    const double mean = (a + b) / 2;
    b = std::sqrt(a * b);
    a = mean;
  }
  const auto motions = make_motions(*find_mechanical_system("pendulum"), 0,
                                    Matrix<double>{{2.0}, {0.0}}, {0, pi / a, 2 * pi / a});
  CHECK(motions[0].y(0, 1) == doctest::Approx(-2).epsilon(1e-9));
  CHECK(motions[0].y(0, 2) == doctest::Approx(2).epsilon(1e-9));
}

TEST_CASE("hamiltonian field: it is the turned gradient of its energy, which its flow keeps") {
  for (const bool separable : {false, true}) {
    CAPTURE(separable);
    HamiltonianField<double> field(mlp_layers(separable ? 2 : 4, 7, 2, 1, Activation::softplus),
                                   separable);
    Rng rng(2);
    Vector<double> theta(field.parameter_count());
    field.initialize(rng, theta);
    field.bind(theta.data());
    Matrix<double> y = normal_matrix(4, 3, rng), dy(4, 3);
    const Vector<double> t = Vector<double>::Zero(3);
    const auto energy = [&](const Matrix<double>& states) {
      Vector<double> h(3);
      field.energy(states, h);
      return h;
    };
    field.eval(t, y, dy);
    for (Index s = 0; s < 3; ++s) {
      for (Index d = 0; d < 4; ++d) {
        const double slope = central_difference([&] { return energy(y)[s]; }, y(d, s), 1e-3);
        CHECK(std::abs((d < 2 ? -dy(d + 2, s) : dy(d - 2, s)) - slope) < 1e-10);
      }
    }
    Solver<double> solver(tight("dopri8"));
    REQUIRE(solver.solve(field, y, Matrix<double>{{0}, {30}}).status == SolveStatus::ok);
    CHECK((solver.states()[1] - y).norm() > 1);
    CHECK((energy(solver.states()[1]) - energy(y)).norm() < 1e-8);

    // In T(p) + V(q) the force does not depend on p.
    Matrix<double> other = y, dy_other = dy;
    other.bottomRows(2).setConstant(0.3);
    field.eval(t, other, dy_other);
    CHECK(((dy_other - dy).bottomRows(2).norm() == 0) == separable);
  }
}

TEST_CASE(
    "mechanical fields: their products are those of differences, however they are asked for") {
  for (const MechanicalSystem& system : mechanical_systems()) {
    for (const MechanicalLaw law : laws) {
      CAPTURE(std::string(system.name));
      CAPTURE(static_cast<int>(law));
      Model model(law, system);
      VectorField<double>& field = model.field();
      Rng rng(5);
      Matrix<double> y = normal_matrix(system.dim, 3, rng);
      const Matrix<double> a = normal_matrix(system.dim, 3, rng);
      const Vector<double> t = Vector<double>::LinSpaced(3, 0, 1);
      const auto image = [&] {
        Matrix<double> dy(system.dim, 3);
        field.eval(t, y, dy);
        return (a.array() * dy.array()).sum();
      };
      Matrix<double> y_bar = Matrix<double>::Zero(system.dim, 3), dy(system.dim, 3), dy_again = dy;
      Vector<double> theta_bar = Vector<double>::Zero(field.parameter_count()), t_bar = 0 * t;
      field.vjp(t, y, a, y_bar, theta_bar, t_bar);
      for (Index i = 0; i < y.size(); ++i) {
        CHECK(std::abs(y_bar.data()[i] - central_difference(image, y.data()[i], 1e-3)) <
              1e-8 * y_bar.norm());
      }
      for (Index i = 0; i < theta_bar.size(); ++i) {
        CHECK(std::abs(theta_bar[i] - central_difference(image, model.made.theta[i], 1e-3)) <
              1e-8 * theta_bar.norm());
      }
      CHECK(t_bar.norm() == 0);

      // At once, from records, without theta, and on a copy.
      field.eval(t, y, dy);
      const auto same = [&](auto call) {
        Matrix<double> bar = Matrix<double>::Zero(system.dim, 3);
        Vector<double> theta_again = 0 * theta_bar;
        call(bar, theta_again);
        CHECK((bar - y_bar).norm() < 1e-13 * y_bar.norm());
        CHECK((theta_again - theta_bar).norm() < 1e-13 * theta_bar.norm());
        CHECK((dy_again - dy).norm() < 1e-13 * dy.norm());
      };
      same([&](auto& bar, auto& theta_again) {
        field.eval_vjp(t, y, a, dy_again, bar, theta_again, t_bar);
      });
      const auto copy = field.clone();
      REQUIRE(copy);
      same([&](auto& bar, auto& theta_again) {
        copy->eval(t, y, dy_again);
        copy->vjp(t, y, a, bar, theta_again, t_bar);
      });
      if (field.record_size(3) > 0) {
        Vector<double> record(field.record_size(3));
        same([&](auto& bar, auto& theta_again) {
          field.eval_recording(t, y, dy_again, record.data());
          field.vjp_recorded(record.data(), a, bar, theta_again, t_bar);
        });
      }
      Matrix<double> bar = Matrix<double>::Zero(system.dim, 3);
      Vector<double> none;
      const long before = testing::allocation_count();
      field.vjp(t, y, a, bar, none, t_bar);
      field.eval(t, y, dy_again);
      CHECK(testing::allocation_count() == before);
      CHECK((bar - y_bar).norm() < 1e-13 * y_bar.norm());
    }
  }
}

TEST_CASE("mechanical models: the gradient of the whole loss is that of differences") {
  for (const MechanicalSystem& system : mechanical_systems()) {
    for (const MechanicalLaw law : laws) {
      for (const double weight : {0.0, 0.7}) {
        CAPTURE(std::string(system.name));
        CAPTURE(static_cast<int>(law));
        CAPTURE(weight);
        Model model(law, system, 4);
        Rng rng(6);
        Matrix<double> y0 = draw_states(system, 2, rng), times(4, 1);
        times << 0, 0.3, 0.5, 0.9;
        std::vector<Matrix<double>> target, states_bar;
        for (int k = 0; k < 4; ++k) target.push_back(normal_matrix(system.dim, 2, rng));
        const auto gradient = find_gradient("discrete")->make<double>(tight("dopri8"));
        const auto loss = [&] {
          REQUIRE(gradient->forward(model.field(), y0, times).status == SolveStatus::ok);
          return mechanical_loss(system, weight, gradient->states(), target, states_bar);
        };
        loss();
        REQUIRE(gradient->backward(model.field(), states_bar).status == SolveStatus::ok);
        const Vector<double> theta_bar = gradient->theta_bar();
        const Matrix<double> y0_bar = gradient->y0_bar();
        for (Index i = 0; i < theta_bar.size(); ++i) {
          CHECK(std::abs(theta_bar[i] - central_difference(loss, model.made.theta[i], 1e-3)) <
                1e-6 * theta_bar.norm());
        }
        for (Index i = 0; i < y0.size(); ++i) {
          CHECK(std::abs(y0_bar.data()[i] - central_difference(loss, y0.data()[i], 1e-3)) <
                1e-6 * y0_bar.norm());
        }
      }
    }
  }
}

TEST_CASE(
    "physics: a learnt Hamiltonian keeps the energy six times better than a plain field soon") {
  double drift[2];
  for (const bool hamiltonian : {false, true}) {
    const auto experiment = all_experiments().make("physics");
    REQUIRE(experiment->reset(
        settings_with(*experiment, {{"model", hamiltonian ? "hamiltonian" : "plain"}}), 1));
    train(*experiment, 400);
    drift[hamiltonian ? 1 : 0] = metric(*experiment, "energy_drift");
  }
  CHECK(drift[1] < drift[0] / 6);
}

TEST_CASE("physics: a correction brings a spring to a pendulum") {
  const auto experiment = all_experiments().make("physics");
  REQUIRE(experiment->reset(settings_with(*experiment, {{"model", "corrected"}}), 1));
  const double before = metric(*experiment, "trajectory_mse");
  CHECK(before > 0.1);  // a spring is no pendulum
  train(*experiment, 300);
  CHECK(metric(*experiment, "trajectory_mse") < before / 10);
}

TEST_CASE("physics: a Hamiltonian of kinked functions has no force and is refused") {
  const auto experiment = all_experiments().make("physics");
  const Status status = experiment->reset(settings_with(*experiment, {{"activation", "relu"}}), 1);
  REQUIRE_FALSE(status);
  CHECK(status.error().find("relu") != std::string::npos);
  CHECK_FALSE(experiment->step().ok);
  CHECK(experiment->save().empty());
  CHECK_FALSE(experiment->edit({}));
  CHECK_FALSE(experiment->set_data("t,x\n0,1\n"));
}
