#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/data/csv.h"
#include "engine/data/labelled_points.h"
#include "engine/data/trajectories.h"

using namespace neural_ode;

namespace {

// Two points of each class, which every way of writing them has to give.
void check_four(const std::string& csv, const char* note = nullptr) {
  CAPTURE(csv);
  const auto read = parse_points(csv);
  REQUIRE_MESSAGE(read, (read ? std::string() : read.error()));
  const LabelledPoints& points = read.value().data.points;
  Matrix<double> x(2, 4);
  x << 1, 0.9553, -2, 1250.5, 0, 0.2955, -0.125, 4;
  CHECK(points.x == x);
  CHECK(points.label == std::vector<int>{0, 0, 1, 1});
  if (note) CHECK(read.value().note == note);
}

// A point at (1, 0) and one at (0, 1), 3600 s apart.
void check_motion(const std::string& csv, double apart = 1, const char* note = nullptr) {
  CAPTURE(csv);
  const auto read = parse_trajectories(csv);
  REQUIRE_MESSAGE(read, (read ? std::string() : read.error()));
  REQUIRE(read.value().data.trajectories.size() == 1);
  const Trajectory& motion = read.value().data.trajectories[0];
  REQUIRE(motion.times.size() == 2);
  CHECK(motion.times[1] - motion.times[0] == doctest::Approx(apart).epsilon(1e-12));
  CHECK(motion.y == Matrix<double>::Identity(2, 2));
  if (note) CHECK(read.value().note == note);
}

std::string utf16(const std::string& text, bool little_endian, bool mark) {
  std::string bytes;
  const auto put = [&](char high, char low) {
    bytes.push_back(little_endian ? low : high);
    bytes.push_back(little_endian ? high : low);
  };
  if (mark) put('\xFE', '\xFF');
  for (const char c : text) put('\0', c);
  return bytes;
}

struct Refused {
  std::string text, message;
};

}  // namespace

TEST_CASE(
    "csv: a series of one coordinate is found under any name, and read back from what is written") {
  const struct {
    std::string text, note;
  } cases[] = {
      {"t,x\n0,1\n1,2\n", "t ← 't', x ← 'x'"},
      {"0,1\n1,2\n", "columns without a header, in this order: t, x"},
      {"Temperature (C);hour\n1;0\n2;1\n", "t ← 'hour', x ← 'Temperature (C)'"},
      {",time,level,remark\n0,0,1,a\n1,1,2,b\n",
       "t ← 'time', x ← 'level'; ignored one without a name, 'remark'"},
      {"id,day,y\n7,0,1\n7,1,2\n", "t ← 'day', x ← 'y', trajectory ← 'id'"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.text);
    CHECK((each.text[0] == '0' || !parse_trajectories(each.text)));
    const auto read = parse_trajectories(each.text, true);
    REQUIRE_MESSAGE(read, (read ? std::string() : read.error()));
    CHECK(read.value().note.find(each.note) != std::string::npos);
    CHECK(read.value().data.x_alone);
    const Trajectory& series = read.value().data.trajectories.at(0);
    CHECK(series.times == std::vector<double>{0, 1});
    CHECK(series.y(0, 1) == 2);
    CHECK(std::isnan(series.y(1, 1)));
    const std::string text = write_trajectories(read.value().data);
    const auto again = parse_trajectories(text, true);
    REQUIRE_MESSAGE(again, (again ? std::string() : again.error()));
    CHECK(write_trajectories(again.value().data) == text);
    CHECK(again.value().data.x_alone);
  }
  // Both coordinates when they are there, and no guess between two columns.
  CHECK_FALSE(parse_trajectories("t,x,y\n0,1,2\n1,2,3\n", true).value().data.x_alone);
  const auto two = parse_trajectories("t,left,right\n0,1,2\n1,2,3\n", true);
  REQUIRE_FALSE(two);
  CHECK(two.error().find("both 'left' (column 2) and 'right' (column 3) may be x") == 0);
  CHECK(parse_trajectories("t,trajectory\n0,1\n1,1\n", true).error().find("there is no x") !=
        std::string::npos);
}

TEST_CASE("csv: points survive the round trip to the bit") {
  Rng rng(4);
  const LabelledPoints points = find_point_set("blobs")->make(50, 0.1, rng);
  const std::string text = write_points({points});
  CHECK(text.substr(0, 10) == "x,y,label\n");
  const auto again = parse_points(text);
  REQUIRE(again);
  CHECK(again.value().data.points.x == points.x);
  CHECK(again.value().data.points.label == points.label);
}

TEST_CASE("csv: names of columns and classes survive the round trip, whatever stands in them") {
  const auto read =
      parse_points("x_1 (m),\"x_2 (m, up)\",class\n1,2,\"small, \"\"dry\"\"\"\n3,4,wet\n5,6,wet\n");
  REQUIRE(read);
  CHECK(read.value().data.classes[0] == "small, \"dry\"");
  const std::string text = write_points(read.value().data);
  const auto again = parse_points(text);
  REQUIRE(again);
  CHECK(again.value().data.points.label == std::vector<int>{0, 1, 1});
  CHECK(write_points(again.value().data) == text);
}

TEST_CASE("csv: trajectories survive the round trip to the bit, missing values too") {
  Rng rng(4);
  TrajectoryTable table;
  table.trajectories = make_trajectories("two_attractors", 2, 20, 3, 0.1, rng).observed;
  table.trajectories[1].y(0, 3) = std::nan("");
  const std::string text = write_trajectories(table);
  const auto again = parse_trajectories(text);
  REQUIRE(again);
  const auto& read = again.value().data.trajectories;
  REQUIRE(read.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) CHECK(read[k].times == table.trajectories[k].times);
  CHECK(read[0].y == table.trajectories[0].y);
  CHECK(std::isnan(read[1].y(0, 3)));
  CHECK(write_trajectories(again.value().data) == text);
}

TEST_CASE("csv: columns are found by their names, in any order, and others are ignored and told") {
  check_four("x,y,label\n1,0,0\n.9553,.2955,0\n-2,-.125,1\n1250.5,4,1",
             "read 4 rows: x ← 'x', y ← 'y', class ← 'label' (0 → A, 1 → B)");
  check_four("label,x,y\n0,1,0\n0,.9553,.2955\n1,-2,-.125\n1,1250.5,4");
  check_four("Y,Comment,LABEL,X\n0,a,0,1\n.2955,b,0,.9553\n-.125,,1,-2\n4,,1,1250.5",
             "read 4 rows: x ← 'X', y ← 'Y', class ← 'LABEL' (0 → A, 1 → B); ignored 'Comment'");
  check_four("x1,x2,y\n1,0,0\n.9553,.2955,0\n-2,-.125,1\n1250.5,4,1",
             "read 4 rows: x ← 'x1', y ← 'x2', class ← 'y' (0 → A, 1 → B)");
  check_four("x_0 [m],x_1 [m],Class\n1,0,0\n.9553,.2955,0\n-2,-.125,1\n1250.5,4,1");
  check_four("longitude;latitude;species\n1;0;0\n.9553;.2955;0\n-2;-.125;1\n1250.5;4;1");
  // NumPy puts the header into a comment.
  check_four("# label x y\n0 1 0\n0 .9553 .2955\n1 -2 -.125\n1 1250.5 4");
  check_motion("x,y,t\n1,0,5\n0,1,6\n", 1,
               "read 2 rows of 1 trajectory: t ← 't', x ← 'x', y ← 'y'");
  check_motion("Time (h),x,y,id\n5,1,0,1\n6,0,1,2\n");
  check_motion("x,date,y,t\n1,a,0,5\n0,b,1,6\n");
}

TEST_CASE("csv: the index of pandas and the row names of R are no data") {
  check_four(",x,y,label\n0,1,0,0\n1,.9553,.2955,0\n2,-2,-.125,1\n3,1250.5,4,1",
             "read 4 rows: x ← 'x', y ← 'y', class ← 'label' (0 → A, 1 → B); ignored one without a "
             "name");
  check_four("Unnamed: 0,x,y,label\n0,1,0,0\n7,.9553,.2955,0\n2,-2,-.125,1\n3,1250.5,4,1");
  check_four("index,x,y,label\n0,1,0,0\n1,.9553,.2955,0\n2,-2,-.125,1\n3,1250.5,4,1");
  check_four("id,x,y,label\n0,1,0,0\n1,.9553,.2955,0\n2,-2,-.125,1\n3,1250.5,4,1");
  check_four("x,y,label\n1,1,0,0\n2,.9553,.2955,0\n3,-2,-.125,1\n4,1250.5,4,1");
  check_four(
      "\"x\" \"y\" \"label\"\n\"1\" 1 0 0\n\"2\" .9553 .2955 0\n\"3\" -2 -.125 1\n\"4\" 1250.5 4 "
      "1");
  check_motion(",t,x,y\n0,5,1,0\n1,6,0,1\n");
}

TEST_CASE("csv: whatever a spreadsheet does around the numbers is read") {
  const std::string rows = "1,0,0\n.9553,.2955,0\n-2,-.125,1\n1250.5,4,1\n";
  check_four(rows,
             "read 4 rows: columns without a header, in this order: x, y, class (0 → A, 1 → B)");
  check_four("\xEF\xBB\xBFx,y,label\n" + rows);
  check_four("sep=,\nx,y,label\n" + rows);
  check_four("\"sep=,\"\r\n\r\n" + rows);
  check_four("sep=/\n1/0/0\n.9553/.2955/0\n-2/-.125/1\n1250.5/4/1\n");
  check_four("x,y,label,\n1,0,0,\n.9553,.2955,0,\n-2,-.125,1,\n1250.5,4,1,\n,,,\n");
  check_four("x,y,label\n1,0,0,\n.9553,.2955,0,\n-2,-.125,1,\n1250.5,4,1,,\n");
  check_four("x,y,label\r1,0,0\r.9553,.2955,0\r-2,-.125,1\r1250.5,4,1\r");
  check_four(
      "# mine\r\n\r\nx,y,label\r\n 1 , 0 ,0 \r\n# again\r\n.9553,.2955,0\r\n-2,-.125,1\r\n"
      "1250.5,4,1");
  check_four(
      "\"x\",\"y\",\"label\"\n\"1.0\",\"0\",\"0\"\n\".9553\",\".2955\",0\n-2,-.125,1\n"
      "\"1,250.5\",4,1\n",
      "read 4 rows: x ← 'x', y ← 'y', class ← 'label' (0 → A, 1 → B); commas between "
      "thousands");
  check_four(
      "x,remark,y,label\n1,\"a \"\"b\"\", c\n# d\n\",0,0\n.9553,,.2955,0\n-2,;,-.125,1\n"
      "1250.5,\"\",4,1\n");
  check_four("1\t0\t0\n.9553\t.2955\t0\n-2\t-.125\t1\n1250.5\t4\t1");
  check_four("1,\t0,\t0\n.9553,\t.2955,\t0\n-2,\t-.125,\t1\n1250.5,\t4,\t1");
  check_four("x|y|label\n1|0|0\n.9553|.2955|0\n-2|-.125|1\n1250.5|4|1");
  check_four("1  0  0\n.9553 .2955   0\n  -2 -.125 1  \n1250.5\t4 1");
  for (const bool little : {false, true}) {
    check_four(utf16("x,y,label\n" + rows, little, true));
    check_four(
        utf16("x\ty\tlabel\n1\t0\t0\n.9553\t.2955\t0\n-2\t-.125\t1\n1250.5\t4\t1", little, false));
  }
  // Latin-1 in a remark.
  check_four(
      "x,y,label,gr\xF6\xDF"
      "e\n1,0,0,\xE4\n.9553,.2955,0,\n-2,-.125,1,\n1250.5,4,1,\n",
      "read 4 rows: x ← 'x', y ← 'y', class ← 'label' (0 → A, 1 → B); ignored 'größe'");
}

TEST_CASE(
    "csv: numbers may have a decimal comma, marks between thousands, any exponent and minus") {
  check_four("x;y;label\n1,0;0,0;0\n0,9553;0,2955;0\n-2;-0,125;1\n1.250,5;4;1",
             "read 4 rows: x ← 'x', y ← 'y', class ← 'label' (0 → A, 1 → B); decimal comma, "
             "points between thousands");
  check_four("1,0\t0\t0,0\n,9553\t,2955\t0,0\n-2\t-1,25e-1\t1,0\n1 250,5\t4\t1,0");
  check_four(
      "1e0;0;0\n9553D-4;2.955d-1;0\n\xE2\x88\x92"
      "2;\xE2\x80\x93.125;1\n1'250.5;+4;1");
  check_four(
      "1;0;0\n9.553e-1;.2955;0\n-2;-0.125;1\n1\xC2\xA0"
      "250.5;4.;1");
  check_four("1;0;0\n,9553;,2955;0\n-2;-0,125;1\n1250,5;4,000;1");
}

TEST_CASE("csv: a number that may mean two things is refused, not guessed") {
  for (const Refused& each : std::initializer_list<Refused>{
           {"x;y;label\n1,250;1;0\n2;3;1",
            "line 2, column 1: '1,250' may be a decimal comma or a mark between thousands, and no "
            "other number tells which; write it with a decimal point or without the mark"},
           {"x;y;label\n1,5;1;0\n2;3.5;1",
            "line 3, column 2: '3.5' has a decimal point, but '1,5' in line 2 a decimal comma"},
           {"x;y;label\n1,25.5;1;0", "line 2, column 1: expected a finite number, found '1,25.5'"},
           {"x;y;label\n1.5.5;1;0", "line 2, column 1: expected a finite number, found '1.5.5'"},
           {"x,y,label\n0,5,0,25,1\n",
            "line 2: 5 fields under a header of 3; a number with a comma "
            "in it has to be quoted, or the separator be ; or a tab"},
       }) {
    CAPTURE(each.text);
    const auto points = parse_points(each.text);
    REQUIRE_FALSE(points);
    CHECK(points.error() == each.message);
  }
}

TEST_CASE("csv: labels of any two kinds become classes, in the order of numbers or the alphabet") {
  struct Case {
    std::string first, second;
    bool turned;  // the second is class A
    std::string names;
  };
  for (const Case& each : std::initializer_list<Case>{
           {"A", "B", false, " ('A' → A, 'B' → B)"},
           {"dog", "cat", true, " ('cat' → A, 'dog' → B)"},
           {"1", "2", false, " ('1' → A, '2' → B)"},
           {"1", "-1", true, " ('-1' → A, '1' → B)"},
           {"10", "9", true, " ('9' → A, '10' → B)"},
           {"TRUE", "False", true, " ('False' → A, 'TRUE' → B)"},
           {"yes", "No", true, " ('No' → A, 'yes' → B)"},
           {"1.0", "0.0", true, " (0 → A, 1 → B)"},
           {"0", "3", false, " ('0' → A, '3' → B)"},
           {"\"x; y\"", "\"é\"", false, " ('x; y' → A, 'é' → B)"},
       }) {
    CAPTURE(each.names);
    const auto read = parse_points("x,y,label\n1,2," + each.first + "\n3,4," + each.second +
                                   "\n5,6," + each.first + "\n");
    REQUIRE(read);
    const int first = each.turned ? 1 : 0;
    CHECK(read.value().data.points.label == std::vector<int>{first, 1 - first, first});
    CHECK(read.value().note.find(each.names) != std::string::npos);
  }
  // Case alone makes no class; a first row of words is no header where a number stands beside.
  const auto mixed = parse_points("1,2,yes\n1,3,YES\n1,4,no\n");
  REQUIRE(mixed);
  CHECK(mixed.value().data.points.label == std::vector<int>{1, 1, 0});
  // Drawing begins with one class.
  const auto begun = parse_points("x,y,label\n1,2,1\n");
  REQUIRE(begun);
  CHECK(begun.value().data.points.label == std::vector<int>{1});
}

TEST_CASE("csv: one class, or more than two, are refused by name") {
  for (const Refused& each : std::initializer_list<Refused>{
           {"x,y,label\n1,2,cat\n1,3,cat\n",
            "line 2, column 3: all rows have the label 'cat'; expected labels of two classes"},
           {"x,y,label\n1,2,b\n1,3,a\n1,4,a\n1,5,c\n1,5,d\n",
            "line 5, column 3: 'c' is a third class; expected two, found 'a', 'b', 'c', 'd': leave "
            "out the rows of the others, or give them one of two labels"},
       }) {
    CAPTURE(each.text);
    const auto points = parse_points(each.text);
    REQUIRE_FALSE(points);
    CHECK(points.error() == each.message);
  }
}

TEST_CASE("csv: rows without a value are dropped and counted, observations keep what they have") {
  const auto points =
      parse_points("x,y,label\n1,,0\n1,2,0\n3,NaN,1\nnull,4,1\n3,4,1\n5,6,?\n7,#N/A,0\n8,1\n");
  REQUIRE(points);
  CHECK(points.value().data.points.label == std::vector<int>{0, 1});
  CHECK(points.value().note ==
        "read 2 rows: x ← 'x', y ← 'y', class ← 'label' (0 → A, 1 → B); 3 rows without y, 1 row "
        "without x, 2 rows without label dropped");
  const auto motion = parse_trajectories("t,x,y\n0,1,2\n1,,3\n2,na,N/A\n3,4,-\n4,5,6\n");
  REQUIRE(motion);
  const Trajectory& read = motion.value().data.trajectories[0];
  CHECK(read.times == std::vector<double>{0, 1, 3, 4});
  CHECK((std::isnan(read.y(0, 1)) && read.y(1, 1) == 3));
  CHECK((read.y(0, 2) == 4 && std::isnan(read.y(1, 2))));
  CHECK(motion.value().note ==
        "read 4 rows of 1 trajectory: t ← 't', x ← 'x', y ← 'y'; 2 missing values; 1 row without x "
        "and y dropped");
}

TEST_CASE("csv: dates and clock times become days and seconds since the first") {
  check_motion(
      "t,x,y\n2024-02-28,1,0\n2024-03-01,0,1\n", 2,
      "read 2 rows of 1 trajectory: t ← 't', x ← 'x', y ← 'y'; t in days since 2024-02-28");
  check_motion("date,x,y\n2023/02/28,1,0\n2023/03/01,0,1\n", 1);
  check_motion("t,x,y\n2024-01-31 23:00,1,0\n2024-02-01 00:00,0,1\n", 3600,
               "read 2 rows of 1 trajectory: t ← 't', x ← 'x', y ← 'y'; t in seconds since "
               "2024-01-31 23:00:00");
  check_motion("t,x,y\n2024-01-31T12:30:05.25Z,1,0\n2024-01-31T13:30:05.25Z,0,1\n", 3600);
  check_motion("t,x,y\n2024-01-31T12:30:00+01:00,1,0\n2024-01-31T12:30:00+0000,0,1\n", 3600);
  check_motion("t,x,y\n2024-01-31 12:30:00 -05,1,0\n2024-01-31 18:00:00 +00:00,0,1\n", 1800);
  check_motion("31.01.2024,1,0\n01.02.2024,0,1\n", 1);
  check_motion("t;x;y\n31.01.2024 12:00;1,0;0,0\n31.01.2024 13:00;0,0;1,0\n", 3600);
  check_motion("t,x,y\n05/01/2024,1,0\n13/01/2024,0,1\n", 8);
  check_motion("t,x,y\n01/05/2024,1,0\n01/13/2024,0,1\n", 8);
  check_motion("t,x,y\n1/5/2024 11:30 AM,1,0\n1/13/2024 12:30 PM,0,1\n", 8 * 86400 + 3600);
  check_motion(
      "t,x,y\n23:30,1,0\n24:30,0,1\n", 3600,
      "read 2 rows of 1 trajectory: t ← 't', x ← 'x', y ← 'y'; t in seconds since 23:30:00");
  check_motion("t,x,y\n12:00:00.5,1,0\n12:00:02,0,1\n", 1.5);
  // The first of all, which need not be of the first trajectory.
  const auto two = parse_trajectories("t,x,y,run\n2024-01-03,1,0,b\n2024-01-01,1,0,a\n");
  REQUIRE(two);
  CHECK(two.value().data.trajectories[0].times[0] == 2);
  // What was read is written in days, which read back as they are.
  const std::string text = write_trajectories(two.value().data);
  const auto again = parse_trajectories(text);
  REQUIRE(again);
  CHECK(again.value().data.trajectories[0].times[0] == 2);
  CHECK(write_trajectories(again.value().data) == text);
}

TEST_CASE("csv: trajectories are told apart by numbers or words, in the order of appearance") {
  const auto read = parse_trajectories("run,t,x,y\nb,0,1,2\na,0,3,4\nb,1,5,6\na,1,7,8\nc,0,9,9\n");
  REQUIRE(read);
  const auto& all = read.value().data.trajectories;
  REQUIRE(all.size() == 3);
  CHECK(all[0].y(0, 1) == 5);
  CHECK(all[1].y(1, 1) == 8);
  CHECK(all[2].times.size() == 1);
  // An id that repeats names trajectories; one that does not numbers rows.
  const auto ids = parse_trajectories("id,t,x,y\n7,0,1,2\n7,1,3,4\n9,0,5,6\n");
  REQUIRE(ids);
  CHECK(ids.value().data.trajectories.size() == 2);
  CHECK(ids.value().note.find("trajectory ← 'id'") != std::string::npos);
  const auto begun = parse_trajectories("0,1,2,7\n0,3,4,8\n1,5,6,8");
  REQUIRE(begun);
  REQUIRE(begun.value().data.trajectories.size() == 2);
  CHECK(write_trajectories(begun.value().data) == "t,x,y,trajectory\n0,1,2,0\n0,3,4,1\n1,5,6,1\n");
}

TEST_CASE("csv: each mistake is told with its line and column, and what was expected") {
  for (const Refused& each : std::initializer_list<Refused>{
           {"", "no data rows found; expected lines of numbers"},
           {"x,y,label\n", "no data rows found; expected lines of numbers"},
           {"1,2,0\n1,oops,0", "line 2, column 2: expected a finite number, found 'oops'"},
           {"inf,1,0\n1,2,0", "line 1, column 1: expected a finite number, found 'inf'"},
           {"1,inf,0\n1,2,0", "line 1, column 2: expected a finite number, found 'inf'"},
           {"1,1e999,0",
            "line 1, column 2: expected a finite number of at most 1e30 in size, found "
            "'1e999'"},
           {"1,,0", "no row is left; 1 row without y dropped"},
           {"1,2", "line 1, column 3: expected x,y,label, found 2 fields"},
           {"1,2,0,9", "line 1, column 4: expected x,y,label, found 4 fields"},
           {"t,x,y\n0,1,2\n",
            "found the columns 't', 'x', 'y'; expected x, y, label, and there is "
            "no label"},
           {"a,b,c\n0,1,2\n",
            "found the columns 'a', 'b', 'c'; expected x, y, label, and there is "
            "no x, y, label"},
           {"x,y,class,target\n0,1,2,3\n",
            "both 'class' (column 3) and 'target' (column 4) may be label; rename one of them"},
           {"x,x,y,label\n0,1,2,3\n",
            "both 'x' (column 1) and 'x' (column 2) may be x; rename one of them"},
           {"x0,x1,x2,label\n0,1,2,3\n",
            "the columns 'x1', 'x2' and 'x0', 'x1' may both be x, y; name two columns x and y"},
           {"x,y,label\n1,\"2,0\n3,4,1\n", "line 2: a quotation mark that is never closed"},
           {"x,y,label\n1,\"2\"3,0\n",
            "line 2: expected a separator after the closing quotation mark, found '3,0'"},
           {std::string("PK\x03\x04\0\0", 6),
            "this is a workbook or an archive and no text; save the sheet as CSV"},
           {std::string("1,2\0\0\0\1,0", 9),
            "this is no text; expected rows of numbers, as a "
            "spreadsheet saves them as CSV"},
       }) {
    CAPTURE(each.text);
    const auto points = parse_points(each.text);
    REQUIRE_FALSE(points);
    CHECK(points.error().substr(0, each.message.size()) == each.message);
  }
  for (const Refused& each : std::initializer_list<Refused>{
           {"0,1,2\n1,1,2\n1,1,2",
            "line 3, column 1: expected a time after the one before it in this trajectory, found "
            "'1'"},
           {"t,x,y\n0,1,2\n,1,2\n", "line 3, column 1: expected a time, found nothing"},
           {"x,y,t,run\n0,1,2,a\n1,1,2,\n",
            "line 3, column 4: expected a trajectory, found nothing"},
           {"x,y,label\n0,1,2\n",
            "found the columns 'x', 'y', 'label'; expected t, x, y, and there "
            "is no t"},
           {"date,time,x,y\n2024-01-01,12:00,1,2\n",
            "both 'time' (column 2) and 'date' (column 1) may be t; rename one of them"},
           {"t,x,y\n2024-01-01,1,2\n2024-01-02 12:00,1,2\n",
            "line 3, column 1: expected a date, as in the rows before, found '2024-01-02 12:00'"},
           {"t,x,y\n2024-01-01,1,2\n3,1,2\n",
            "line 3, column 1: expected a date, as in the rows before, found '3'"},
           {"t,x,y\n1,1,2\n2024-01-01,1,2\n",
            "line 3, column 1: expected a finite number, found '2024-01-01'"},
           {"t,x,y\n2024-01-01T12:00,1,2\n2024-01-02T12:00Z,1,2\n",
            "line 3, column 1: expected a date and a clock time, as in the rows before, found "},
           {"t,x,y\n01/02/2024,1,2\n02/02/2024,1,2\n",
            "line 2, column 1: '01/02/2024' may have the day or the month first"},
           {"t,x,y\n13/02/2024,1,2\n02/13/2024,1,2\n",
            "line 3, column 1: '02/13/2024' has its day and month in another order"},
           {"t,x,y\n2024-02-30,1,2\n", "line 2, column 1: expected a finite number, found "},
       }) {
    CAPTURE(each.text);
    const auto read = parse_trajectories(each.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().substr(0, each.message.size()) == each.message);
  }
}

TEST_CASE("csv: a density needs no labels, and weights become points in proportion") {
  const std::string csv = "# a picture\nweight,x,y\n1,0,0\n0,1,0\n2.5,0,2\n0.5,1,2\n";
  const auto read = parse_density(csv, 80);
  REQUIRE(read);
  const LabelledPoints& points = read.value().data.points;
  int first = 0, third = 0, last = 0;
  for (Index i = 0; i < points.size(); ++i) {
    const double x = points.x(0, i), y = points.x(1, i);
    first += x == 0 && y == 0;
    third += x == 0 && y == 2;
    last += x == 1 && y == 2;
  }
  CHECK(first == 20);
  CHECK(third == 50);
  CHECK(last == 10);
  const auto negative = parse_density("x,y,weight\n0,0,1\n0,1,-2\n", 5);
  REQUIRE_FALSE(negative);
  CHECK(negative.error() == "line 3, column 3: expected a weight >= 0, found '-2'");
  CHECK_FALSE(parse_density("x,y,weight\n0,0,0\n", 5));

  for (const char* text : {"x,y\n1,2\n3,4\n", "1,2\n3,4\n", "1,2,0\n3,4,0\n", "y,x\n2,1\n4,3\n",
                           "x,y,label\n1,2,a\n3,4,a\n", "x,y,label\n1,2,\n3,4,\n"}) {
    CAPTURE(text);
    const auto plain = parse_density(text, 5);
    REQUIRE(plain);
    Matrix<double> expected(2, 2);
    expected << 1, 3, 2, 4;
    CHECK(plain.value().data.points.x == expected);
    CHECK(plain.value().data.points.label == std::vector<int>{0, 0});
  }
}

TEST_CASE("csv: 100 000 rows are read, a file beyond is refused") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += i % 2 == 0 ? "0,0,1\n" : "0,0,0\n";
  CHECK(parse_points(text));
  const auto points = parse_points(text + "0,0,1\n");
  REQUIRE_FALSE(points);
  CHECK(points.error() == "line 100001: more than 100000 rows; please give fewer");
}
