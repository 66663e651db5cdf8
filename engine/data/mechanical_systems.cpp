#include "engine/data/mechanical_systems.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/core/dual.h"
#include "engine/core/math.h"
#include "engine/fields/systems.h"
#include "engine/ode/solver.h"

namespace neural_ode {
namespace {

constexpr double pi = 3.14159265358979323846;

template <int D, class Formula>
double differentiate(Formula formula, const double* y, double* gradient) {
  Dual<double, D> variables[D];
  for (int i = 0; i < D; ++i) variables[i] = Dual<double, D>::variable(y[i], i);
  const Dual<double, D> energy = formula(variables);
  for (int i = 0; i < D && gradient != nullptr; ++i) gradient[i] = energy.slope[i];
  return energy.value;
}

double pendulum_energy(const double* y, double* gradient) {
  return differentiate<2>([](const auto* x) { return 0.5 * x[1] * x[1] - math::cos(x[0]); }, y,
                          gradient);
}

double double_well_energy(const double* y, double* gradient) {
  return differentiate<2>(
      [](const auto* x) {
        const auto square = x[0] * x[0];
        return 0.5 * x[1] * x[1] - 0.5 * square + 0.25 * square * square;
      },
      y, gradient);
}

double kepler_energy(const double* y, double* gradient) {
  return differentiate<4>(
      [](const auto* x) {
        return 0.5 * (x[2] * x[2] + x[3] * x[3]) - 1.0 / math::sqrt(x[0] * x[0] + x[1] * x[1]);
      },
      y, gradient);
}

// Swings of .4 to 2.4 from rest, left or right.
void draw_pendulum(Rng& rng, double* y) {
  y[0] = rng.uniform(0.4, 2.4) * (rng.uniform() < 0.5 ? -1 : 1);
  y[1] = 0;
}

// From rest: within a well up to 1.3 from the middle, over the hill from sqrt(2) on.
void draw_double_well(Rng& rng, double* y) {
  y[0] = rng.uniform(0.3, 1.7) * (rng.uniform() < 0.5 ? -1 : 1);
  y[1] = 0;
}

// Ellipses of half axis 1 and eccentricity below .5, from where they are nearest to the sun.
void draw_kepler(Rng& rng, double* y) {
  const double eccentricity = rng.uniform(0, 0.5), angle = rng.uniform(0, 2 * pi);
  const double distance = 1 - eccentricity;
  const double speed = std::sqrt((1 + eccentricity) / distance);
  y[0] = distance * math::cos(angle);
  y[1] = distance * math::sin(angle);
  y[2] = -speed * math::sin(angle);
  y[3] = speed * math::cos(angle);
}

constexpr std::array table = {
    MechanicalSystem{"pendulum", "Pendulum", 2, 8, -1,
                     [](double friction) {
                       return find_system("pendulum")->make(std::array{1.0, 1.0, friction});
                     },
                     pendulum_energy, draw_pendulum},
    MechanicalSystem{
        "double_well", "Double well", 2, 8, -0.25,
        [](double friction) {
          return find_system("duffing")->make(std::array{-1.0, 1.0, friction, 0.0, 1.0});
        },
        double_well_energy, draw_double_well},
    MechanicalSystem{"kepler", "Kepler orbits", 4, 8, 0,
                     [](double friction) {
                       return find_system("kepler")->make(std::array{1.0, friction});
                     },
                     kepler_energy, draw_kepler},
};

}  // namespace

double MechanicalSystem::energy_scale(const double* y) const {
  return std::abs(energy(y, nullptr) - reference_energy);
}

std::span<const MechanicalSystem> mechanical_systems() {
  return table;
}

const MechanicalSystem* find_mechanical_system(std::string_view name) {
  for (const MechanicalSystem& system : table) {
    if (system.name == name) return &system;
  }
  return nullptr;
}

Matrix<double> draw_states(const MechanicalSystem& system, int count, Rng& rng) {
  Matrix<double> states(system.dim, count);
  for (Index k = 0; k < count; ++k) system.draw_state(rng, states.col(k).data());
  return states;
}

std::vector<Trajectory> make_motions(const MechanicalSystem& system, double friction,
                                     const Matrix<double>& y0, const std::vector<double>& times) {
  SolverOptions options;
  options.method = find_method("dopri8");
  options.rtol = options.atol = 1e-11;
  Solver<double> solver(options);
  const auto field = system.make(friction);
  const auto count = static_cast<Index>(times.size());
  solver.solve(*field, y0, Eigen::Map<const Matrix<double>>(times.data(), count, 1));

  std::vector<Trajectory> motions;
  for (Index k = 0; k < y0.cols(); ++k) {
    Trajectory motion{times, Matrix<double>(system.dim, count)};
    for (Index i = 0; i < count; ++i) {
      motion.y.col(i) = solver.states()[static_cast<std::size_t>(i)].col(k);
    }
    motions.push_back(std::move(motion));
  }
  return motions;
}

}  // namespace neural_ode
