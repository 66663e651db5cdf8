// Which network the field of a flow is: an MLP of [z; t] or z, or concat-squash layers.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/nn/concat_squash.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

struct FlowNetwork {
  // Of an MLP the first layer's inputs count the time, where it is one; of concat-squash layers
  // they do not.
  std::vector<LayerSpec> layers;
  bool concat_squash = false;

  // Any list of layers is an MLP.
  FlowNetwork(std::vector<LayerSpec> mlp) : layers(std::move(mlp)) {}
  FlowNetwork(std::vector<LayerSpec> each, bool squash)
      : layers(std::move(each)), concat_squash(squash) {}
  bool operator==(const FlowNetwork&) const = default;

  template <class Scalar>
  std::unique_ptr<JetNetwork<Scalar>> make() const {
    if (concat_squash) return std::make_unique<ConcatSquash<Scalar>>(layers);
    return std::make_unique<Mlp<Scalar>>(layers);
  }
};

}  // namespace neural_ode
