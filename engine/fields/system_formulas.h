// The right-hand sides of the built-in systems, each written once: `parameters` with their default
// values, and the formula of ode/formula_field.h that reads them as p.
#pragma once

#include "engine/core/dual.h"
#include "engine/fields/systems.h"

namespace neural_ode::formulas {

// y' = A y, A = [-damping -frequency; frequency -damping].
struct Spiral {
  static constexpr SystemParameter parameters[] = {{"damping", 0.1}, {"frequency", 1}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T &damping = p[0], &frequency = p[1];
    dy[0] = -damping * y[0] - frequency * y[1];
    dy[1] = frequency * y[0] - damping * y[1];
  }
};

// y' = A y^3 entry by entry, A = [-damping -frequency; frequency -damping].
struct CubicSpiral {
  static constexpr SystemParameter parameters[] = {{"damping", 0.1}, {"frequency", 2}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T &damping = p[0], &frequency = p[1];
    const T u3 = y[0] * y[0] * y[0], v3 = y[1] * y[1] * y[1];
    dy[0] = -damping * u3 - frequency * v3;
    dy[1] = frequency * u3 - damping * v3;
  }
};

// y' = s(y.c) A (y - c) + s(-y.c) B (y + c), s the logistic function, c = (-1, 0),
// A = [-attraction -spin; spin -attraction], B = [repulsion repeller_spin; -repeller_spin
// repulsion]: an attractor at c, and around -c a repeller that turns the other way.
struct TwoAttractors {
  static constexpr SystemParameter parameters[] = {
      {"attraction", 0.1}, {"spin", 0.5}, {"repulsion", 0.2}, {"repeller_spin", 1}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T &attraction = p[0], &spin = p[1], &repulsion = p[2], &repeller_spin = p[3];
    const T &u = y[0], &v = y[1];
    const T s = math::sigmoid(-u), r = math::sigmoid(u);
    dy[0] = s * (-attraction * (u + 1) - spin * v) + r * (repulsion * (u - 1) + repeller_spin * v);
    dy[1] = s * (spin * (u + 1) - attraction * v) + r * (-repeller_spin * (u - 1) + repulsion * v);
  }
};

// y' = -rate (y - cos t): whatever it was, y is soon near cos t [hairer1996, IV.1].
struct Relaxation {
  static constexpr SystemParameter parameters[] = {{"rate", 50}};

  template <class T>
  void operator()(const T& t, const T* y, const T* p, T* dy) const {
    dy[0] = p[0] * (math::cos(t) - y[0]);
  }
};

// Prey x and predators y [hairer1993, I.1]: x' = a x - b x y, y' = -c y + d x y.
struct LotkaVolterra {
  static constexpr SystemParameter parameters[] = {{"a", 1.5}, {"b", 1}, {"c", 3}, {"d", 1}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T meetings = y[0] * y[1];
    dy[0] = p[0] * y[0] - p[1] * meetings;
    dy[1] = -p[2] * y[1] + p[3] * meetings;
  }
};

// x' = v, v' = mu (1 - x^2) v - x; stiff for large mu [hairer1996, IV.1].
struct VanDerPol {
  static constexpr SystemParameter parameters[] = {{"mu", 1}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    dy[0] = y[1];
    dy[1] = p[0] * (1.0 - y[0] * y[0]) * y[1] - y[0];
  }
};

// [lorenz1963]: x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z.
struct Lorenz {
  static constexpr SystemParameter parameters[] = {{"sigma", 10}, {"rho", 28}, {"beta", 8.0 / 3}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    dy[0] = p[0] * (y[1] - y[0]);
    dy[1] = y[0] * (p[1] - y[2]) - y[1];
    dy[2] = y[0] * y[1] - p[2] * y[2];
  }
};

// Angle theta from hanging and its rate omega: theta' = omega,
// omega' = -(g / length) sin theta - damping omega.
struct Pendulum {
  static constexpr SystemParameter parameters[] = {{"g", 9.81}, {"length", 1}, {"damping", 0}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    dy[0] = y[1];
    dy[1] = -(p[0] / p[1]) * math::sin(y[0]) - p[2] * y[1];
  }
};

// x' = v, v' = -delta v - alpha x - beta x^3 + gamma cos(omega t); the default values are chaotic.
struct Duffing {
  static constexpr SystemParameter parameters[] = {
      {"alpha", -1}, {"beta", 1}, {"delta", 0.3}, {"gamma", 0.5}, {"omega", 1.2}};

  template <class T>
  void operator()(const T& t, const T* y, const T* p, T* dy) const {
    const T &x = y[0], &v = y[1];
    dy[0] = v;
    dy[1] = -p[2] * v - p[0] * x - p[1] * (x * x * x) + p[3] * math::cos(p[4] * t);
  }
};

// x' = a + x^2 y - (b + 1) x, y' = b x - x^2 y [hairer1993, I.16]; a limit cycle for b > 1 + a^2.
struct Brusselator {
  static constexpr SystemParameter parameters[] = {{"a", 1}, {"b", 3}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T autocatalysis = y[0] * y[0] * y[1];
    dy[0] = p[0] + autocatalysis - (p[1] + 1.0) * y[0];
    dy[1] = p[1] * y[0] - autocatalysis;
  }
};

// Three substances whose sum stays; the standard stiff problem [hairer1996, IV.1]:
// y1' = -k1 y1 + k3 y2 y3, y2' = k1 y1 - k2 y2^2 - k3 y2 y3, y3' = k2 y2^2.
struct Robertson {
  static constexpr SystemParameter parameters[] = {{"k1", 0.04}, {"k2", 3e7}, {"k3", 1e4}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T slow = p[0] * y[0], fast = p[1] * y[1] * y[1], back = p[2] * y[1] * y[2];
    dy[0] = back - slow;
    dy[1] = slow - fast - back;
    dy[2] = fast;
  }
};

// A satellite (x, y, x', y') of the Earth, mass 1 - mu at (-mu, 0), and the Moon, mass mu at
// (1 - mu, 0), in the frame that turns with them [hairer1993, II.0].
struct Arenstorf {
  static constexpr SystemParameter parameters[] = {{"mu", 0.012277471}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T &moon = p[0], earth = 1.0 - moon;
    const T from_earth = y[0] + moon, from_moon = y[0] - earth, height = y[1] * y[1];
    const T earth_distance = math::sqrt(from_earth * from_earth + height);
    const T moon_distance = math::sqrt(from_moon * from_moon + height);
    const T earth_pull = earth / (earth_distance * earth_distance * earth_distance);
    const T moon_pull = moon / (moon_distance * moon_distance * moon_distance);
    dy[0] = y[2];
    dy[1] = y[3];
    dy[2] = y[0] + 2.0 * y[3] - earth_pull * from_earth - moon_pull * from_moon;
    dy[3] = y[1] - 2.0 * y[2] - (earth_pull + moon_pull) * y[1];
  }
};

// A planet (x, y, x', y') and a sun at the origin that pulls with mu / r^2; drag slows it down.
struct Kepler {
  static constexpr SystemParameter parameters[] = {{"mu", 1}, {"drag", 0}};

  template <class T>
  void operator()(const T&, const T* y, const T* p, T* dy) const {
    const T square = y[0] * y[0] + y[1] * y[1];
    const T pull = p[0] / (square * math::sqrt(square));
    dy[0] = y[2];
    dy[1] = y[3];
    dy[2] = -pull * y[0] - p[1] * y[2];
    dy[3] = -pull * y[1] - p[1] * y[3];
  }
};

}  // namespace neural_ode::formulas
