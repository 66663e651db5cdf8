// What a classifier is made of (models/classifier.h).
#pragma once

#include <vector>

#include "engine/gradient/gradient.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

enum class ClassifierModel { ode, residual, plain };

struct ClassifierSpec {
  ClassifierModel model = ClassifierModel::ode;
  // No read-out: the first coordinate of y(1) itself (of a plain MLP its output) is to be 1 for
  // label 0 and -1 for label 1; the loss is the mean squared error. Not with a lift, which would
  // do it alone.
  bool regression = false;
  int inputs = 2;   // n
  int augment = 0;  // D = n + augment [dupont2019]
  bool lift = false;
  int hidden = 32, layers = 2;
  Activation activation = Activation::tanh;
  bool time_input = false;
  bool mlp_readout = false;  // otherwise linear
  SolverOptions solver;
  const GradientStrategy* gradient = find_gradient("discrete");
};

// Of the field of an ODE, or of every residual block.
std::vector<LayerSpec> field_layers(const ClassifierSpec& spec);
// Whether these layers have t as an input: not those of blocks, which tell the time by having
// weights of their own.
bool has_time(const ClassifierSpec& spec);
std::vector<LayerSpec> readout_layers(const ClassifierSpec& spec);
// The plain MLP's layers: as many hidden ones as the field's, of widths that bring its parameters
// as near as they can to those of the Neural ODE that the rest of the spec describes.
std::vector<LayerSpec> plain_layers(const ClassifierSpec& spec);

}  // namespace neural_ode
