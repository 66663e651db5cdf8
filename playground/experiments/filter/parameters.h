// What can be set in `filter`, read once a run.
#pragma once

#include "engine/core/result.h"
#include "engine/data/series.h"
#include "engine/models/series_filter.h"
#include "playground/contract/experiment.h"

namespace neural_ode::filter {

struct Options {
  const SeriesFamily* family = nullptr;  // null: the person's own series
  double noise = 0, duration = 0;
  int observations = 0;  // of each series
  int batch = 0;
  FilterSpec jump, recurrent;
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::filter
