#include "engine/models/classifier_spec.h"

#include <cstdlib>

namespace neural_ode {

namespace {

constexpr int readout_hidden = 16;

Index parameters(const std::vector<LayerSpec>& layers) {
  Index count = 0;
  for (const LayerSpec& layer : layers) count += (Index{layer.inputs} + 1) * layer.outputs;
  return count;
}

}  // namespace

bool has_time(const ClassifierSpec& spec) {
  return spec.time_input && spec.model != ClassifierModel::residual;
}

std::vector<LayerSpec> field_layers(const ClassifierSpec& spec) {
  const int dim = spec.inputs + spec.augment;
  return mlp_layers(dim + (has_time(spec) ? 1 : 0), spec.hidden, spec.layers, dim, spec.activation);
}

std::vector<LayerSpec> readout_layers(const ClassifierSpec& spec) {
  const int dim = spec.inputs + spec.augment;
  return mlp_layers(dim, readout_hidden, spec.mlp_readout ? 1 : 0, 1, spec.activation);
}

std::vector<LayerSpec> plain_layers(const ClassifierSpec& spec) {
  const int dim = spec.inputs + spec.augment;
  Index wanted = parameters(field_layers(spec));
  if (spec.lift) wanted += (Index{spec.inputs} + 1) * dim;
  if (!spec.regression) wanted += parameters(readout_layers(spec));
  // Equal widths, but for the last one, with which the rest is made up.
  const auto layers = [&spec](int width, int last) {
    std::vector<LayerSpec> list = mlp_layers(spec.inputs, width, spec.layers, 1, spec.activation);
    list.back().inputs = list[list.size() - 2].outputs = last;
    return list;
  };
  int width = 1;
  while (parameters(layers(width + 1, width + 1)) <= wanted) ++width;
  int last = width;
  const auto missing = [&](int units) {
    return std::abs(wanted - parameters(layers(width, units)));
  };
  while (missing(last + 1) < missing(last)) ++last;
  return layers(width, last);
}

}  // namespace neural_ode
