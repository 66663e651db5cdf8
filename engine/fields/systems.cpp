#include "engine/fields/systems.h"

#include <utility>

#include "engine/fields/system_formulas.h"
#include "engine/ode/formula_field.h"

namespace neural_ode {
namespace {

template <int D, class Formula>
constexpr System row(std::string_view name, std::string_view label, std::array<double, 4> y0,
                     double t_end, double reach) {
  constexpr int P = static_cast<int>(std::size(Formula::parameters));
  const auto make_field = [](Vector<double> theta) -> std::unique_ptr<VectorField<double>> {
    return std::make_unique<FormulaField<double, D, P, Formula>>(Formula(), std::move(theta));
  };
  return {name, label, D, Formula::parameters, y0, t_end, reach, make_field};
}

using namespace formulas;

constexpr System registry[] = {
    row<2, Spiral>("spiral", "Linear spiral", {0.6, 0.3}, 20, 1),
    row<2, CubicSpiral>("cubic_spiral", "Cubic spiral", {2, 0}, 20, 2),
    row<2, TwoAttractors>("two_attractors", "Two attractors", {0.6, 0.3}, 10, 2),
    row<2, LotkaVolterra>("lotka_volterra", "Lotka-Volterra", {1, 1}, 10, 0),
    row<2, VanDerPol>("van_der_pol", "Van der Pol oscillator", {2, 0}, 20, 2),
    row<3, Lorenz>("lorenz", "Lorenz attractor", {1, 1, 1}, 20, 0),
    row<2, Pendulum>("pendulum", "Pendulum", {2, 0}, 10, 2),
    row<2, Duffing>("duffing", "Forced Duffing oscillator", {1, 0}, 50, 1.5),
    row<2, Brusselator>("brusselator", "Brusselator", {1.5, 3}, 20, 0),
    row<3, Robertson>("robertson", "Robertson's reaction", {1, 0, 0}, 40, 0),
    row<1, Relaxation>("relaxation", "Fast relaxation", {0}, 1.5, 0),
    // One period of the orbit of [hairer1993, II.0].
    row<4, Arenstorf>("arenstorf", "Arenstorf orbit",
                      {0.994, 0, 0, -2.00158510637908252240537862224},
                      17.0652165601579625588917206249, 0),
    // Two periods of an ellipse of eccentricity .6 from where it is nearest to the sun.
    row<4, Kepler>("kepler", "Kepler orbit", {0.4, 0, 0, 2}, 12.566370614359172, 0),
};

}  // namespace

std::unique_ptr<VectorField<double>> System::make(std::span<const double> values) const {
  Vector<double> theta(static_cast<Index>(parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    theta[static_cast<Index>(i)] = values.empty() ? parameters[i].value : values[i];
  }
  return make_field(std::move(theta));
}

std::span<const System> systems() {
  return registry;
}

const System* find_system(std::string_view name) {
  for (const System& system : registry) {
    if (system.name == name) return &system;
  }
  return nullptr;
}

}  // namespace neural_ode
