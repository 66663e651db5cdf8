// What `solvers` shows of stability: eigenvalues times steps over the region where they shrink.
#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <utility>

#include "engine/analysis/linearisation.h"
#include "engine/analysis/stability.h"
#include "playground/experiments/solvers/picture.h"
#include "playground/picture/plots.h"

namespace neural_ode::solvers {

namespace {

constexpr std::size_t most_linearised = 150;  // steps

}  // namespace

Plot stability_plot(const Run& run, const Contestant& contestant) {
  Plot plot;
  plot.id = contestant.role == Role::class_a ? "stability" : "stability_other";
  plot.title = "Stability of " + contestant.name();
  plot.caption = "dots: z = h times eigenvalues of the Jacobian; orange: they grow";
  Points dots;
  const auto& steps = contestant.solve->steps();
  const std::size_t stride = steps.size() / most_linearised + 1;
  double farthest = 0;
  for (std::size_t i = 0; i < steps.size(); i += stride) {
    if (!steps[i].accepted) continue;
    const auto at = linearise(*run.field, steps[i].t, run.reference->state(steps[i].t));
    if (!at) continue;
    for (const std::complex<double>& eigenvalue : at.value().eigenvalues) {
      const std::complex<double> z = steps[i].h * eigenvalue;
      dots.append(z.real(), z.imag());
      farthest = std::max({farthest, std::abs(z.real()) / 1.5, std::abs(z.imag())});
    }
  }
  // Regions of explicit methods fit into the least, and more than the most shows none of them.
  const double half = std::clamp(1.1 * farthest, 4.0, 40.0);
  plot.equal_aspect = true;
  plot.x = {"real part of z", -1.5 * half, 0.5 * half};
  plot.y = {"imaginary part", -half, half};
  if (const auto function = stability_function(contestant.method())) {
    constexpr int cells = 64;
    Heatmap region;
    region.nx = region.ny = cells;
    region.diverging = true;
    region.z_max = 2;
    region.x_range = interval_of(plot.x);
    region.y_range = interval_of(plot.y);
    for (int j = 0; j < cells; ++j) {
      for (int i = 0; i < cells; ++i) {
        const std::complex<double> z(plot.x.minimum + 2 * half * (i + 0.5) / cells,
                                     plot.y.minimum + 2 * half * (j + 0.5) / cells);
        const double growth = std::abs((*function)(z));
        region.z.push_back(growth < 2 ? static_cast<float>(growth) : 2.0F);
      }
    }
    plot.layers.push_back(make_layer(std::move(region)));
  } else {
    plot.caption = "dots: z = h times eigenvalues of the Jacobian";
  }
  plot.layers.push_back(line_layer("", 0, plot.y.minimum, 0, plot.y.maximum));
  plot.layers.push_back(make_layer(std::move(dots)));
  return plot;
}

}  // namespace neural_ode::solvers
