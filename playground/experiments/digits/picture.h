// The picture of `digits`: the board, the plots made of what a run has measured, and the numbers.
#pragma once

#include <string>

#include "engine/ode/solve_status.h"
#include "playground/experiments/digits/pad.h"
#include "playground/experiments/digits/run.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::digits {

Frame picture(const Run& run, const DigitPad& pad, const Trainee& trainee,
              const SolveReport& solve);
// Where there is no run: why.
Frame empty_picture(const std::string& missing);

// --- plots.cpp
// Rows: truth, columns: guess; each row sums to one.
Plot confusion_plot(const DigitGuesses& guesses);
Plot accuracy_plot(const Trainee& trainee);
Plot nfe_plot(const Trainee& trainee);
Plot tolerance_plot(const std::vector<ToleranceCost>& costs);
// Cost of the two directions over training; Figure 3c of [chen2018].
Plot directions_plot(const Trainee& trainee);

}  // namespace neural_ode::digits
