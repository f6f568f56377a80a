//! Draws how cost grows: time above instructions, a column for each thing that is counted, both axes logarithmic.

use super::{Act, Line, Point, Unit};
use std::fmt::Write;

const WIDTH: f64 = 1240.0;
const HEIGHT: f64 = 790.0;
const PANEL: (f64, f64) = (340.0, 290.0);
const LEFT: f64 = 80.0;
const TOP: f64 = 60.0;
/// From the start of a panel to the start of the next.
const STEP: (f64, f64) = (390.0, 325.0);
/// Told apart without red and green.
const COLOURS: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/// What a row shows.
struct Row {
    title: &'static str,
    cost: fn(&Point) -> f64,
    /// Of ten to the power of what.
    tick: fn(i32) -> String,
}

const ROWS: [Row; 2] = [
    Row { title: "time", cost: |point| point.nanoseconds, tick: time },
    Row { title: "instructions", cost: |point| point.instructions, tick: short },
];

const COLUMNS: [(&str, Unit); 3] =
    [("headers", Unit::Headers), ("parameters or path segments", Unit::Parameters), ("bytes", Unit::Bytes)];

/// The picture, as SVG.
pub fn draw(lines: &[Line]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n\
         <title>What a signature costs, by the size of the request</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    text(&mut svg, (LEFT, 24.0), "start", "16", "What a signature costs, by the size of the request");
    text(
        &mut svg,
        (LEFT, 44.0),
        "start",
        "12",
        "solid: signing · dashed: verifying · dotted: growth in step with the size · both axes logarithmic",
    );
    for (row, kind) in ROWS.iter().enumerate() {
        let costs = || lines.iter().flat_map(|line| &line.points).map(kind.cost);
        let vertical = Axis::over(costs().fold(f64::INFINITY, f64::min), costs().fold(0.0, f64::max), PANEL.1);
        for (column, (_, unit)) in COLUMNS.iter().enumerate() {
            let lines: Vec<&Line> = lines.iter().filter(|line| line.shape.unit == *unit).collect();
            let most = lines.iter().flat_map(|line| &line.points).map(|point| point.size).max().unwrap_or(10);
            let horizontal = Axis::over(10.0, most as f64, PANEL.0);
            let corner = (LEFT + column as f64 * STEP.0, TOP + row as f64 * STEP.1);
            let _ = writeln!(svg, "<g transform=\"translate({} {})\">", corner.0, corner.1);
            panel(&mut svg, kind, &horizontal, &vertical, &lines);
            if column == 0 {
                let _ = writeln!(
                    svg,
                    "<text transform=\"translate(-58 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                    PANEL.1 / 2.0,
                    kind.title
                );
            }
            svg.push_str("</g>\n");
        }
    }
    for (column, (title, unit)) in COLUMNS.iter().enumerate() {
        let (x, y) = (LEFT + column as f64 * STEP.0, TOP + STEP.1 + PANEL.1 + 36.0);
        text(&mut svg, (x + PANEL.0 / 2.0, y), "middle", "12", title);
        let signing = lines.iter().filter(|line| line.shape.unit == *unit && line.act == Act::Sign);
        for (index, line) in signing.enumerate() {
            let y = y + 18.0 + index as f64 * 15.0;
            let _ = writeln!(
                svg,
                "<path d=\"M{x} {:.0}h22\" stroke=\"{}\" stroke-width=\"3\"/>",
                y - 4.0,
                COLOURS[index % COLOURS.len()]
            );
            text(&mut svg, (x + 28.0, y), "start", "12", line.shape.name);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, row: &Row, horizontal: &Axis, vertical: &Axis, lines: &[&Line]) {
    let (width, height) = PANEL;
    for power in horizontal.decades() {
        let x = horizontal.place(10_f64.powi(power));
        let _ = writeln!(svg, "<path d=\"M{x:.1} 0V{height}\" stroke=\"#ddd\"/>");
        text(svg, (x, height + 16.0), "middle", "11", &count(power));
    }
    for power in vertical.decades() {
        let y = height - vertical.place(10_f64.powi(power));
        let _ = writeln!(svg, "<path d=\"M0 {y:.1}H{width}\" stroke=\"#ddd\"/>");
        text(svg, (-6.0, y + 4.0), "end", "11", &(row.tick)(power));
    }
    let place = |size: f64, cost: f64| (horizontal.place(size), height - vertical.place(cost));
    // A step of one decade to the right and one up, from each decade on the left and at the bottom.
    for power in vertical.first - (horizontal.last - horizontal.first)..vertical.last {
        let low = power.max(vertical.first);
        let high = (power + horizontal.last - horizontal.first).min(vertical.last);
        let along = |at: i32| place(10_f64.powi(horizontal.first + at - power), 10_f64.powi(at));
        let (from, to) = (along(low), along(high));
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#aaa\" stroke-dasharray=\"1 4\"/>",
            from.0, from.1, to.0, to.1
        );
    }
    let _ = writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#888\"/>");
    let mut names: Vec<&str> = Vec::new();
    for line in lines {
        let index = names.iter().position(|name| *name == line.shape.name).unwrap_or_else(|| {
            names.push(line.shape.name);
            names.len() - 1
        });
        let points = line.points.iter().map(|point| place(point.size as f64, (row.cost)(point)));
        let points: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"{}/>",
            points.join(" "),
            COLOURS[index % COLOURS.len()],
            if line.act == Act::Verify { " stroke-dasharray=\"6 4\"" } else { "" }
        );
    }
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, size: &str, words: &str) {
    let words = words.replace('`', "").replace('&', "&amp;").replace('<', "&lt;");
    let _ =
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{words}</text>");
}

/// Whole decades laid out over a length.
struct Axis {
    first: i32,
    last: i32,
    length: f64,
}

impl Axis {
    fn over(least: f64, most: f64, length: f64) -> Self {
        let first = least.log10().floor() as i32;
        Self { first, last: (most.log10().ceil() as i32).max(first + 1), length }
    }

    fn decades(&self) -> impl Iterator<Item = i32> + use<> {
        self.first..=self.last
    }

    fn place(&self, value: f64) -> f64 {
        (value.log10() - f64::from(self.first)) / f64::from(self.last - self.first) * self.length
    }
}

/// Nanoseconds in a unit that suits them.
fn time(power: i32) -> String {
    let (unit, rest) = match power {
        ..3 => ("ns", power),
        3..6 => ("µs", power - 3),
        6..9 => ("ms", power - 6),
        _ => ("s", power - 9),
    };
    format!("{} {unit}", count(rest))
}

/// A large number in few letters.
fn short(power: i32) -> String {
    match power {
        ..3 => count(power),
        3..6 => format!("{} k", count(power - 3)),
        6..9 => format!("{} M", count(power - 6)),
        _ => format!("{} G", count(power - 9)),
    }
}

/// A power of ten, with blanks between thousands.
fn count(power: i32) -> String {
    let digits = 10_u64.pow(power.max(0).cast_unsigned()).to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(" ")
}
