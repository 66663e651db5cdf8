// Flows that learn a density: data, pairing, maximum likelihood, flow matching.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/analysis/assignment.h"
#include "engine/data/plane_densities.h"
#include "engine/models/density_model.h"
#include "engine/models/flow_matching.h"
#include "engine/models/planar_flow.h"
#include "tests/support/allocations.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;

namespace {

Matrix<double> normal_points(Index count, Rng& rng) {
  return draw_points(standard_normal(), count, 0, rng);
}

Vector<double> random_theta(Index size, Rng& rng) {
  Vector<double> theta(size);
  for (double& each : theta) each = 0.5 * rng.normal();
  return theta;
}

DensitySpec small_spec(Trace trace = Trace::exact, const FlowPenalty& penalty = {}) {
  DensitySpec spec;
  spec.hidden = 5;
  spec.trace = trace;
  spec.penalty = penalty;
  spec.solver.method = find_method("rk4");
  spec.solver.step_size = 0.25;
  return spec;
}

// The cheapest of all n! pairings.
double cheapest(const Matrix<double>& cost) {
  std::vector<int> order(static_cast<std::size_t>(cost.cols()));
  std::iota(order.begin(), order.end(), 0);
  double best = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (Index i = 0; i < cost.cols(); ++i) sum += cost(order[static_cast<std::size_t>(i)], i);
    best = std::min(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

}  // namespace

TEST_CASE("plane densities: where log p is known its mean over draws is minus the entropy") {
  for (const PlaneDensity& density : plane_densities()) {
    CAPTURE(density.name);
    CHECK((density.log_prob != nullptr) == std::isfinite(density.entropy));
    if (!density.log_prob) continue;
    Rng rng(3);
    constexpr int count = 200000;
    double sum = 0, squares = 0;
    for (int i = 0; i < count; ++i) {
      double x = 0, y = 0;
      density.draw(rng, x, y);
      const double nll = -density.log_prob(x, y);
      sum += nll;
      squares += nll * nll;
    }
    const double mean = sum / count, deviation = std::sqrt(squares / count - mean * mean);
    CHECK(std::abs(mean - density.entropy) <= 4 * deviation / std::sqrt(double{count}) + 1e-12);
  }
}

TEST_CASE("plane densities: log p integrates to one") {
  for (const PlaneDensity& density : plane_densities()) {
    if (!density.log_prob) continue;
    CAPTURE(density.name);
    constexpr double reach = 9, side = 0.06;
    double mass = 0;
    for (double x = -reach + side / 2; x < reach; x += side) {
      for (double y = -reach + side / 2; y < reach; y += side)
        mass += std::exp(density.log_prob(x, y)) * side * side;
    }
    CHECK(mass == doctest::Approx(1).epsilon(0.02));
  }
}

TEST_CASE("plane densities: every set is centred, in reach, and follows its seed") {
  for (const PlaneDensity& density : plane_densities()) {
    CAPTURE(density.name);
    Rng a(1), b(1), c(2);
    const Matrix<double> points = draw_points(density, 4000, 0, a);
    CHECK(points == draw_points(density, 4000, 0, b));
    CHECK(points != draw_points(density, 4000, 0, c));
    CHECK(points.allFinite());
    CHECK(points.cwiseAbs().maxCoeff() < 8);
    CHECK(points.rowwise().mean().norm() < 1.2);
    CHECK(draw_points(density, 4000, 0.5, b) != points);
  }
  // Two half circles of radius 1 about (0, 0) and (1, 1/2), scaled by 3, moved by -1 and then along
  // the diagonal by at most .6.
  Rng rng(4);
  const Matrix<double> moons = draw_points(*find_plane_density("moons_wide"), 1000, 0, rng);
  for (Index i = 0; i < moons.cols(); ++i) {
    double nearest = 1e9;
    for (int k = 0; k <= 600; ++k) {
      const double x = (moons(0, i) + 1) / 3 - 0.2 * k / 600,
                   y = (moons(1, i) + 1) / 3 - 0.2 * k / 600;
      if (y >= -1e-9) nearest = std::min(nearest, std::abs(std::hypot(x, y) - 1));
      if (y <= 0.5 + 1e-9) nearest = std::min(nearest, std::abs(std::hypot(x - 1, y - 0.5) - 1));
    }
    CHECK(nearest < 1e-3);
  }
}

TEST_CASE("assignment: the pairing costs as little as the best of all permutations") {
  Rng rng(1);
  Assignment assignment;
  for (int round = 0; round < 300; ++round) {
    const Index n = 1 + static_cast<Index>(rng.below(7));
    Matrix<double> cost(n, n);
    for (Index i = 0; i < cost.size(); ++i) {
      // Ties in every second round.
      cost.data()[i] = round % 2 == 0 ? rng.uniform(-1, 3) : static_cast<double>(rng.below(4));
    }
    const std::vector<int> j_of = assignment.solve(cost);
    std::vector<char> taken(static_cast<std::size_t>(n), 0);
    double sum = 0;
    for (Index i = 0; i < n; ++i) {
      const int j = j_of[static_cast<std::size_t>(i)];
      REQUIRE(j >= 0);
      REQUIRE(j < n);
      CHECK_FALSE(std::exchange(taken[static_cast<std::size_t>(j)], 1));
      sum += cost(j, i);
    }
    CHECK(sum == doctest::Approx(cheapest(cost)).epsilon(1e-12));
  }
}

TEST_CASE("assignment: on a line the best pairing keeps the order, with 128 points as well") {
  Rng rng(2);
  Matrix<double> a(1, 128), b(1, 128);
  for (Index i = 0; i < 128; ++i) {
    a(0, i) = rng.normal();
    b(0, i) = 2 * rng.normal() + 1;
  }
  std::vector<double> left(a.data(), a.data() + 128), right(b.data(), b.data() + 128);
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  double sum = 0;
  for (std::size_t i = 0; i < 128; ++i) sum += (left[i] - right[i]) * (left[i] - right[i]);
  CHECK(squared_wasserstein(a, b) == doctest::Approx(sum / 128).epsilon(1e-12));
  // A set moved as a whole has gone as far as it was moved.
  const Matrix<double> points = normal_points(100, rng);
  const Matrix<double> moved = points.colwise() + Eigen::Vector2d(3, 4);
  CHECK(squared_wasserstein(points, moved) == doctest::Approx(25).epsilon(1e-12));
}

TEST_CASE("density model: the gradient of the likelihood with penalties is that of differences") {
  for (const Trace trace : {Trace::exact, Trace::rademacher, Trace::gaussian}) {
    for (const FlowPenalty penalty : {FlowPenalty{}, FlowPenalty{0.3, 0}, FlowPenalty{0.2, 0.1}}) {
      CAPTURE(static_cast<int>(trace));
      CAPTURE(penalty.kinetic);
      DensitySpec spec = small_spec(trace, penalty);
      spec.concat_squash = penalty.jacobian > 0;
      DensityModel<double> model(spec);
      Rng rng(5);
      Vector<double> theta = random_theta(model.layout().size(), rng), theta_bar, ignored;
      const Matrix<double> x = normal_points(6, rng);
      const auto loss = [&] {
        Rng probes(9);
        double value = 0;
        REQUIRE(model.loss_and_gradient(theta, x, probes, value, ignored).succeeded());
        return value;
      };
      Rng probes(9);
      double value = 0;
      REQUIRE(model.loss_and_gradient(theta, x, probes, value, theta_bar).succeeded());
      for (Index i = 0; i < theta.size(); ++i) {
        const double expected = testing::central_difference(loss, theta[i], 1e-3);
        CHECK(std::abs(theta_bar[i] - expected) < 1e-8);
      }
    }
  }
}

TEST_CASE("density model: a linear flow has the density of a linear map") {
  DensitySpec spec = small_spec();
  spec.layers = 0;  // f = A z + b
  spec.time_input = false;
  spec.solver.step_size = 0.02;
  DensityModel<double> model(spec);
  Vector<double> theta(6);
  theta << 0.4, 0, 0, -0.7, 0, 0;  // A = diag(.4, -.7)
  Solver<double> solver(spec.solver);
  Rng rng(6);
  const Matrix<double> x = normal_points(20, rng);
  // z(t) = (e^.4t z_1, e^-.7t z_2), so p_t = N(0, diag(e^.8t, e^-1.4t)).
  for (const double t : {0.0, 0.5, 1.0}) {
    const Vector<double> log_prob = model.log_prob(theta, x, t, nullptr, solver);
    const Vector<double> same = model.log_prob(theta, x, t, standard_normal().log_prob, solver);
    for (Index i = 0; i < x.cols(); ++i) {
      const double u = x(0, i) * std::exp(-0.4 * t), v = x(1, i) * std::exp(0.7 * t);
      const double expected = -0.5 * (u * u + v * v) - std::log(2 * 3.14159265358979) + 0.3 * t;
      CHECK(log_prob[i] == doctest::Approx(expected).epsilon(1e-8));
      CHECK(same[i] == doctest::Approx(expected).epsilon(1e-8));
    }
  }
  // Over that flow the penalty is the integral of |A z|^2 and of |A|_F^2 = .65.
  double plain = 0, kinetic = 0, norm = 0;
  Vector<double> theta_bar;
  spec.penalty = {1, 0};
  DensityModel<double> with_energy(spec);
  spec.penalty = {0, 1};
  DensityModel<double> with_norm(spec);
  REQUIRE(model.loss_and_gradient(theta, x, rng, plain, theta_bar).succeeded());
  REQUIRE(with_energy.loss_and_gradient(theta, x, rng, kinetic, theta_bar).succeeded());
  REQUIRE(with_norm.loss_and_gradient(theta, x, rng, norm, theta_bar).succeeded());
  CHECK(norm - plain == doctest::Approx(0.65).epsilon(1e-8));
  double energy = 0;  // integral of a^2 x^2 e^{-2a(1-t)} = a x^2 (1 - e^{-2a}) / 2
  for (Index i = 0; i < x.cols(); ++i) {
    for (const auto& [a, each] : {std::pair(0.4, x(0, i)), std::pair(-0.7, x(1, i))})
      energy += a * each * each * (1 - std::exp(-2 * a)) / 2;
  }
  CHECK(kinetic - plain == doctest::Approx(energy / 20).epsilon(1e-7));
}

TEST_CASE("density model: samples and densities belong to the same flow, whatever its layers") {
  for (const bool concat_squash : {false, true}) {
    DensitySpec spec = small_spec();
    spec.concat_squash = concat_squash;
    spec.solver.method = find_method("dopri5");
    spec.solver.rtol = spec.solver.atol = 1e-8;
    DensityModel<double> model(spec);
    Solver<double> solver(spec.solver);
    Rng rng(7);
    const Vector<double> theta = random_theta(model.layout().size(), rng);
    const Matrix<double> z = normal_points(5, rng);
    Matrix<double> times(3, 1);
    times << 0, 0.4, 1;
    const std::vector<Matrix<double>> states = model.flow(theta, z, times, solver);
    // p_t(z(t)) |dz(t)/dz(0)| = p_0(z(0)), the determinant by differences.
    for (const std::size_t k : {1U, 2U}) {
      for (Index i = 0; i < z.cols(); ++i) {
        constexpr double step = 1e-5;
        Matrix<double> around = z.col(i).replicate(1, 4);
        around(0, 0) += step;
        around(0, 1) -= step;
        around(1, 2) += step;
        around(1, 3) -= step;
        const Matrix<double> end = model.flow(theta, around, times, solver)[k];
        const Matrix<double> dx = (end.col(0) - end.col(1)) / (2 * step);
        const Matrix<double> dy = (end.col(2) - end.col(3)) / (2 * step);
        const double determinant = dx(0, 0) * dy(1, 0) - dx(1, 0) * dy(0, 0);
        const double at_end = model.log_prob(theta, states[k].col(i),
                                             times(static_cast<Index>(k), 0), nullptr, solver)[0];
        CHECK(at_end + std::log(determinant) ==
              doctest::Approx(standard_normal().log_prob(z(0, i), z(1, i))).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("density model: the gradient of the reverse divergence is that of differences") {
  const PlaneDensity& target = *find_plane_density("crescents");
  const LogDensity p = {target.log_prob, target.score};
  for (const Trace trace : {Trace::exact, Trace::rademacher}) {
    for (const FlowPenalty penalty : {FlowPenalty{}, FlowPenalty{0.2, 0.1}}) {
      DensityModel<double> model(small_spec(trace, penalty));
      Rng rng(5);
      Vector<double> theta = random_theta(model.layout().size(), rng), theta_bar, ignored;
      const Matrix<double> z = normal_points(6, rng);
      const auto loss = [&] {
        Rng probes(9);
        double value = 0;
        REQUIRE(model.reverse_loss_and_gradient(theta, z, p, probes, value, ignored).succeeded());
        return value;
      };
      Rng probes(9);
      double value = 0;
      REQUIRE(model.reverse_loss_and_gradient(theta, z, p, probes, value, theta_bar).succeeded());
      for (Index i = 0; i < theta.size(); ++i) {
        const double expected = testing::central_difference(loss, theta[i], 1e-3);
        CHECK(std::abs(theta_bar[i] - expected) < 1e-7 * (1 + std::abs(expected)));
      }
      if (trace != Trace::exact || penalty.any()) continue;
      Solver<double> solver(small_spec().solver);
      CHECK(model.reverse_divergence(theta, z, p, solver) == doctest::Approx(value).epsilon(1e-13));
    }
  }
}

TEST_CASE("density model: the reverse divergence of a linear flow is that of two normals") {
  DensitySpec spec = small_spec();
  spec.layers = 0;
  spec.time_input = false;
  spec.solver.step_size = 0.02;
  DensityModel<double> model(spec);
  Vector<double> theta(6);
  theta << 0.4, 0, 0, -0.7, 0, 0;  // x = (e^.4 z_1, e^-.7 z_2)
  // Points with the moments of N(0, I), so that the mean over them is the expectation.
  Matrix<double> z(2, 4);
  z << std::sqrt(2.0), -std::sqrt(2.0), 0, 0, 0, 0, std::sqrt(2.0), -std::sqrt(2.0);
  const LogDensity p = {standard_normal().log_prob, [](double x, double y, double& dx, double& dy) {
                          dx = -x;
                          dy = -y;
                        }};
  Solver<double> solver(spec.solver);
  // KL(N(0, S) || N(0, I)) = (tr S - 2 - log det S) / 2
  const double expected = 0.5 * (std::exp(0.8) + std::exp(-1.4) - 2 + 0.6);
  CHECK(model.reverse_divergence(theta, z, p, solver) == doctest::Approx(expected).epsilon(1e-8));
}

TEST_CASE("plane densities: a score is the gradient of log p") {
  int known = 0;
  for (const PlaneDensity& density : plane_densities()) {
    if (!density.score) continue;
    ++known;
    CAPTURE(density.name);
    Rng rng(11);
    for (int i = 0; i < 50; ++i) {
      double x = rng.uniform(-4, 4), y = rng.uniform(-4, 4), dx = 0, dy = 0;
      density.score(x, y, dx, dy);
      const auto log_prob = [&] { return density.log_prob(x, y); };
      CHECK(dx == doctest::Approx(testing::central_difference(log_prob, x, 1e-4)).epsilon(1e-6));
      CHECK(dy == doctest::Approx(testing::central_difference(log_prob, y, 1e-4)).epsilon(1e-6));
    }
  }
  CHECK(known == 3);
}

TEST_CASE("planar flow: one layer has the density of the formula, K layers integrate to one") {
  PlanarFlow<double> one(2, 1);
  Vector<double> theta(5);
  theta << 1, 0.5, 0.2, -0.4, 0.3;  // w, u, b; w . u = 0
  const Eigen::Vector2d w(1, 0.5), x(0.7, -1.1);
  const double along = std::log(2.0) - 1;  // m(0)
  const Eigen::Vector2d u = Eigen::Vector2d(0.2, -0.4) + along / 1.25 * w;
  const double h = std::tanh(w.dot(x) + 0.3);
  const Eigen::Vector2d z = x + h * u;
  Vector<double> log_prob(1);
  one.log_prob(theta, x, 0, log_prob);
  CHECK(log_prob[0] == doctest::Approx(standard_normal().log_prob(z[0], z[1]) +
                                       std::log(1 + (1 - h * h) * along)));
  one.log_prob(theta, x, 1, log_prob);
  CHECK(log_prob[0] == doctest::Approx(standard_normal().log_prob(x[0], x[1])));

  // Without the constraint u = -4 w would fold the plane: the mass would be counted twice.
  PlanarFlow<double> flow(2, 4);
  Rng rng(3);
  Vector<double> many(flow.layout().size());
  flow.initialize(rng, many);
  many.segment(8, 8) = -4 * many.head(8);
  constexpr double reach = 14, side = 0.07;
  constexpr int cells = static_cast<int>(2 * reach / side);
  Matrix<double> grid(2, cells * cells);
  for (int i = 0; i < cells * cells; ++i)
    grid.col(i) << -reach + side * (i % cells + 0.5), -reach + side * (i / cells + 0.5);
  Vector<double> density(grid.cols());
  flow.log_prob(many, grid, 0, density);
  CHECK(density.array().exp().sum() * side * side == doctest::Approx(1).epsilon(1e-3));
}

TEST_CASE("planar flow: the gradient is that of differences, and a step does not allocate") {
  PlanarFlow<double> flow(2, 3);
  Rng rng(12);
  Vector<double> theta = 2 * random_theta(flow.layout().size(), rng);
  Vector<double> theta_bar = Vector<double>::Constant(theta.size(), 3), log_prob(9);
  const Matrix<double> x = normal_points(9, rng);
  const double value = flow.loss_and_gradient(theta, x, theta_bar);
  const auto loss = [&] {
    flow.log_prob(theta, x, 0, log_prob);
    return -log_prob.mean();
  };
  CHECK(value == doctest::Approx(loss()).epsilon(1e-13));
  for (Index i = 0; i < theta.size(); ++i) {
    const double expected = testing::central_difference(loss, theta[i], 1e-4);
    CHECK(std::abs(theta_bar[i] - 3 - expected) < 1e-6);
  }
  flow.loss_and_gradient(theta, x, theta_bar);
  const long before = testing::allocation_count();
  flow.loss_and_gradient(theta, x, theta_bar);
  CHECK(testing::allocation_count() == before);
}

TEST_CASE("flow matching: the gradient of the loss is that of differences") {
  for (const Coupling coupling : {Coupling::independent, Coupling::optimal_transport}) {
    for (const bool time_input : {false, true}) {
      // Concat-squash layers with independent pairs.
      const bool squash = time_input && coupling == Coupling::independent;
      const FlowNetwork network(
          mlp_layers(time_input && !squash ? 3 : 2, 5, 2, 2, Activation::silu), squash);
      FlowMatching<double> matching(network, coupling, 0.1);
      Rng rng(8);
      Vector<double> theta = random_theta(network.make<double>()->layout().size(), rng), theta_bar;
      const Matrix<double> x0 = normal_points(7, rng), x1 = normal_points(7, rng);
      const auto loss = [&] {
        Rng draws(2);
        return matching.loss(theta, x0, x1, draws);
      };
      Rng draws(2);
      const double value = matching.loss_and_gradient(theta, x0, x1, draws, theta_bar);
      CHECK(value == doctest::Approx(loss()).epsilon(1e-13));
      for (Index i = 0; i < theta.size(); ++i) {
        const double expected = testing::central_difference(loss, theta[i], 1e-3);
        CHECK(std::abs(theta_bar[i] - expected) < 1e-8);
      }
    }
  }
}

TEST_CASE("flow matching: the constant field of a shift has no loss under optimal pairs") {
  // x1 = x0 + (3, -1) in another order. Independent pairs go every way; the best ones all alike.
  Rng rng(9);
  const Matrix<double> x0 = normal_points(64, rng);
  const Matrix<double> x1 = (x0.colwise() + Eigen::Vector2d(3, -1)).rowwise().reverse();
  Vector<double> theta = Vector<double>::Zero(6);
  theta.tail(2) << 3, -1;
  const std::vector<LayerSpec> constant = {{2, 2, Activation::identity, true}};
  FlowMatching<double> optimal(constant, Coupling::optimal_transport, 0);
  FlowMatching<double> independent(constant, Coupling::independent, 0);
  CHECK(optimal.loss(theta, x0, x1, rng) < 1e-20);
  CHECK(independent.loss(theta, x0, x1, rng) > 1);
}

TEST_CASE("flow matching: a training step does not allocate after the first ones") {
  const auto layers = mlp_layers(3, 16, 2, 2, Activation::tanh);
  FlowMatching<float> matching(layers, Coupling::optimal_transport, 0.1);
  Rng rng(1);
  Matrix<double> x0(2, 32), x1(2, 32);
  Vector<float> theta = Vector<float>::Zero(Mlp<float>(layers).layout().size()), theta_bar;
  const auto step = [&] {
    draw_points(standard_normal(), 0, rng, x0);
    draw_points(*find_plane_density("pinwheel"), 0.1, rng, x1);
    matching.loss_and_gradient(theta, x0, x1, rng, theta_bar);
  };
  for (int i = 0; i < 20; ++i) step();
  const long before = testing::allocation_count();
  for (int i = 0; i < 3; ++i) step();
  CHECK(testing::allocation_count() == before);
}
