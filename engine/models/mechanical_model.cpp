#include "engine/models/mechanical_model.h"

#include <utility>

#include "engine/fields/corrected_field.h"
#include "engine/fields/hamiltonian_field.h"
#include "engine/fields/mlp_field.h"
#include "engine/train/windows_loss.h"

namespace neural_ode {
namespace {

struct Spring {
  template <class T>
  void operator()(const T&, const T* y, const T* c, T* dy) const {
    dy[0] = y[1];
    dy[1] = -(c[0] * y[0]);
  }
};

struct Sun {
  template <class T>
  void operator()(const T&, const T* y, const T* c, T* dy) const {
    const T square = y[0] * y[0] + y[1] * y[1];
    const T pull = c[0] / (square * T(math::sqrt(square)));
    dy[0] = y[2];
    dy[1] = y[3];
    dy[2] = -(pull * y[0]);
    dy[3] = -(pull * y[1]);
  }
};

// Adds the network's parameters, drawn, behind those that the model has.
template <class Scalar>
void append_network(MechanicalModel<Scalar>& model, const char* prefix, const Mlp<Scalar>& mlp,
                    bool zero_last, Rng& rng) {
  const Index offset = model.layout.append(prefix, mlp.layout());
  model.theta.conservativeResize(model.layout.size());
  mlp.initialize(rng, zero_last, model.theta.tail(model.layout.size() - offset));
}

template <class Scalar, class Field>
void own(MechanicalModel<Scalar>& model, std::unique_ptr<Field> field) {
  model.bind = [bound = field.get()](const Scalar* theta) { bound->bind(theta); };
  model.field = std::move(field);
}

template <class Scalar, int D, class Formula>
void make_corrected(MechanicalModel<Scalar>& model, Formula formula, double coefficient,
                    std::vector<LayerSpec> layers, Rng& rng) {
  auto field = std::make_unique<CorrectedField<Scalar, D, 1, Formula>>(formula, std::move(layers));
  model.layout.add("known.coefficient", 1, 1);
  model.theta = Vector<Scalar>::Constant(1, static_cast<Scalar>(coefficient));
  append_network(model, "correction.", field->correction(), true, rng);
  own(model, std::move(field));
}

}  // namespace

template <class Scalar>
MechanicalModel<Scalar> make_mechanical_model(MechanicalLaw law, const MechanicalSystem& system,
                                              int hidden, int layers, Activation activation,
                                              Rng& rng) {
  const int dim = system.dim;
  const auto network = [&](int outputs) {
    return mlp_layers(dim, hidden, layers, outputs, activation);
  };
  MechanicalModel<Scalar> model;
  if (law == MechanicalLaw::plain) {
    auto field = std::make_unique<MlpField<Scalar>>(network(dim), false);
    append_network(model, "field.", field->mlp(), false, rng);
    own(model, std::move(field));
  } else if (law != MechanicalLaw::corrected) {
    const bool separable = law == MechanicalLaw::separable;
    auto field = std::make_unique<HamiltonianField<Scalar>>(
        mlp_layers(separable ? dim / 2 : dim, hidden, layers, 1, activation), separable);
    model.layout = field->layout();
    model.theta.resize(model.layout.size());
    field->initialize(rng, model.theta);
    own(model, std::move(field));
  } else if (dim == 2) {
    make_corrected<Scalar, 2>(model, Spring(), 1, network(1), rng);
  } else {
    make_corrected<Scalar, 4>(model, Sun(), 0.7, network(2), rng);
  }
  return model;
}

template <class Scalar>
double mechanical_loss(const MechanicalSystem& system, double weight,
                       const std::vector<Matrix<Scalar>>& states,
                       const std::vector<Matrix<Scalar>>& target,
                       std::vector<Matrix<Scalar>>& states_bar) {
  const Index dim = states[0].rows(), batch = states[0].cols();
  const auto moments = static_cast<double>(static_cast<Index>(states.size() - 1) * batch);
  const double energy_scale = weight / moments;
  const double data_loss = window_loss(states, target, 1, states_bar);
  double energy_sum = 0;
  for (Index s = 0; weight > 0 && s < batch; ++s) {
    double y[4], start_slope[4], slope[4];
    const auto energy_at = [&](std::size_t k, double* gradient) {
      for (Index d = 0; d < dim; ++d) y[d] = static_cast<double>(states[k](d, s));
      return system.energy(y, gradient);
    };
    const double start = energy_at(0, start_slope);
    for (std::size_t k = 1; k < states.size(); ++k) {
      const double gained = energy_at(k, slope) - start;
      energy_sum += gained * gained;
      for (Index d = 0; d < dim; ++d) {
        states_bar[k](d, s) += static_cast<Scalar>(2 * energy_scale * gained * slope[d]);
        states_bar[0](d, s) -= static_cast<Scalar>(2 * energy_scale * gained * start_slope[d]);
      }
    }
  }
  return data_loss + energy_scale * energy_sum;
}

template MechanicalModel<float> make_mechanical_model(MechanicalLaw, const MechanicalSystem&, int,
                                                      int, Activation, Rng&);
template MechanicalModel<double> make_mechanical_model(MechanicalLaw, const MechanicalSystem&, int,
                                                       int, Activation, Rng&);
template double mechanical_loss(const MechanicalSystem&, double, const std::vector<Matrix<float>>&,
                                const std::vector<Matrix<float>>&, std::vector<Matrix<float>>&);
template double mechanical_loss(const MechanicalSystem&, double, const std::vector<Matrix<double>>&,
                                const std::vector<Matrix<double>>&, std::vector<Matrix<double>>&);

}  // namespace neural_ode
