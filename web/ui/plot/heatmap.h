// A heat map drawn by a shader, so that its seam is smooth at every size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "web/ui/plot/plot_view.h"
#include "web/ui/toolkit/shader.h"

namespace neural_ode::web {

class Heatmaps {
 public:
  Heatmaps();
  ~Heatmaps();

  // Queues it at its place in the draw list. `key` names the texture; `version` changes with the
  // values; `time`, of the t-scrubber, chooses the picture of an animated one.
  void draw(Ui& ui, const PlotView& view, const Heatmap& heatmap, const std::string& key,
            std::uint64_t version, double time);
  // The graphics context is gone: forget its objects; they are made again when drawn next.
  void forget();

 private:
  struct Quad;
  Shader shader_;
  std::unordered_map<std::string, std::unique_ptr<Quad>> quads_;
};

}  // namespace neural_ode::web
