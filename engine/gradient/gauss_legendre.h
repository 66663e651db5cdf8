// Gauss and Legendre's quadrature on [0, 1]: n nodes integrate polynomials of degree 2 n - 1
// exactly [hairer1993].
#pragma once

#include <cstddef>
#include <span>

namespace neural_ode {

struct QuadratureNode {
  double x, weight;
};

// The rules of 1, 2, ... nodes, one after the other.
inline constexpr QuadratureNode gauss_legendre_nodes[] = {
    {0.5, 1},

    {0.211324865405187118, 0.5},
    {0.788675134594812882, 0.5},

    {0.112701665379258311, 5.0 / 18},
    {0.5, 8.0 / 18},
    {0.887298334620741689, 5.0 / 18},

    {0.0694318442029737124, 0.173927422568726929},
    {0.330009478207571868, 0.326072577431273071},
    {0.669990521792428132, 0.326072577431273071},
    {0.930568155797026288, 0.173927422568726929},

    {0.0469100770306680036, 0.118463442528094544},
    {0.230765344947158454, 0.239314335249683234},
    {0.5, 64.0 / 225},
    {0.769234655052841546, 0.239314335249683234},
    {0.953089922969331996, 0.118463442528094544}};
inline constexpr int most_gauss_nodes = 5;

// 1 <= n <= most_gauss_nodes, by x.
constexpr std::span<const QuadratureNode> gauss_legendre(int n) {
  return std::span(gauss_legendre_nodes)
      .subspan(static_cast<std::size_t>(n * (n - 1) / 2), static_cast<std::size_t>(n));
}

}  // namespace neural_ode
