#include "engine/ode/tableau.h"

#include "engine/ode/tableau_check.h"

namespace neural_ode {
namespace {

constexpr ButcherTableau euler = {
    .name = "euler", .label = "Euler", .citation = "hairer1993", .order = 1, .stages = 1, .b = {1}};

constexpr ButcherTableau midpoint = {.name = "midpoint",
                                     .label = "Midpoint",
                                     .citation = "hairer1993",
                                     .order = 2,
                                     .stages = 2,
                                     .a = {{}, {0.5}},
                                     .b = {0, 1},
                                     .c = {0, 0.5}};

constexpr ButcherTableau heun = {.name = "heun",
                                 .label = "Heun",
                                 .citation = "hairer1993",
                                 .order = 2,
                                 .stages = 2,
                                 .a = {{}, {1}},
                                 .b = {0.5, 0.5},
                                 .c = {0, 1},
                                 .embedded_order = 1,
                                 .b_error = {-0.5, 0.5}};

constexpr ButcherTableau rk4 = {.name = "rk4",
                                .label = "Classical Runge-Kutta",
                                .citation = "kutta1901",
                                .order = 4,
                                .stages = 4,
                                .a = {{}, {0.5}, {0, 0.5}, {0, 0, 1}},
                                .b = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6},
                                .c = {0, 0.5, 0.5, 1}};

// Dense output of Shampine (1986) [shampine1986].
constexpr ButcherTableau dopri5 = {
    .name = "dopri5",
    .label = "Dormand-Prince 5(4)",
    .citation = "dormand1980",
    .order = 5,
    .stages = 7,
    .a = {{},
          {1.0 / 5},
          {3.0 / 40, 9.0 / 40},
          {44.0 / 45, -56.0 / 15, 32.0 / 9},
          {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
          {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
          {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}},
    .b = {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0},
    .c = {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1},
    .embedded_order = 4,
    .b_error = {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525,
                -1.0 / 40},
    .fsal = true,
    .dense_order = 4,
    .dense = {
        {1, -8048581381.0 / 2820520608, 8663915743.0 / 2820520608, -12715105075.0 / 11282082432},
        {},
        {0, 131558114200.0 / 32700410799, -68118460800.0 / 10900136933,
         87487479700.0 / 32700410799},
        {0, -1754552775.0 / 470086768, 14199869525.0 / 1410260304, -10690763975.0 / 1880347072},
        {0, 127303824393.0 / 49829197408, -318862633887.0 / 49829197408,
         701980252875.0 / 199316789632},
        {0, -282668133.0 / 205662961, 2019193451.0 / 616988883, -1453857185.0 / 822651844},
        {0, 40617522.0 / 29380423, -110615467.0 / 29380423, 69997945.0 / 29380423}}};

constexpr ButcherTableau tsit5 = {
    .name = "tsit5",
    .label = "Tsitouras 5(4)",
    .citation = "tsitouras2011",
    .order = 5,
    .stages = 7,
    .a = {{},
          {0.161},
          {-0.008480655492356989, 0.335480655492357},
          {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
          {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
          {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401,
           -0.028269050394068383},
          {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081,
           2.324710524099774}},
    .b = {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081,
          2.324710524099774, 0},
    .c = {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1},
    .embedded_order = 4,
    .b_error = {-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995,
                -0.1447110071732629, 0.5823571654525552, -0.45808210592918697, 1.0 / 66},
    .fsal = true,
    .dense_order = 4,
    .dense = {{1, -2.763706197274826, 2.9132554618219126, -1.0530884977290216},
              {0, 0.1317, -0.2234, 0.1017},
              {0, 3.9302962368947516, -5.941033872131505, 2.490627285651253},
              {0, -12.411077166933676, 30.33818863028232, -16.548102889244902},
              {0, 37.50931341651104, -88.1789048947664, 47.37952196281928},
              {0, -27.896526289197286, 65.09189467479366, -34.87065786149661},
              {0, 1.5, -4, 2.5}}};

static_assert(TableauCheck(euler).all());
static_assert(TableauCheck(midpoint).all());
static_assert(TableauCheck(heun).all());
static_assert(TableauCheck(rk4).all());
static_assert(TableauCheck(dopri5).all());
static_assert(TableauCheck(tsit5).all());

constexpr const ButcherTableau* registry[] = {&euler, &midpoint, &heun, &rk4, &dopri5, &tsit5};

}  // namespace

const ButcherTableau* find_method(std::string_view name) {
  for (const ButcherTableau* method : registry) {
    if (method->name == name) return method;
  }
  return nullptr;
}

std::span<const ButcherTableau* const> methods() {
  return registry;
}

}  // namespace neural_ode
