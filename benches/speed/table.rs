//! Medians, ratios and targets.

use std::fmt;

/// What was measured, a line each.
#[derive(Default)]
pub struct Table {
    lines: Vec<Line>,
}

/// One line.
pub struct Line {
    pub what: &'static str,
    /// What the figures are in, as in `ms`.
    pub unit: &'static str,
    pub ours: Vec<f64>,
    /// The same by what one would use instead.
    pub theirs: Vec<f64>,
    pub target: Option<Target>,
}

/// What must hold of the medians.
#[derive(Clone, Copy)]
pub enum Target {
    /// Theirs is at least so many times ours.
    Ratio(f64),
    /// Ours is below this.
    Below(f64),
}

impl Table {
    /// Adds a line and says it at once: the rest may take minutes.
    pub fn push(&mut self, line: Line) {
        eprintln!("{line}");
        self.lines.push(line);
    }

    /// Does every target hold?
    pub fn is_met(&self) -> bool {
        self.lines.iter().all(|line| line.is_met() != Some(false))
    }
}

impl Line {
    fn ratio(&self) -> Option<f64> {
        (!self.theirs.is_empty()).then(|| median(&self.theirs) / median(&self.ours))
    }

    fn is_met(&self) -> Option<bool> {
        Some(match self.target? {
            Target::Ratio(least) => self.ratio()? >= least,
            Target::Below(limit) => median(&self.ours) < limit,
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{HEAD}")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

const HEAD: &str = "\
measured                                      migrate-tui (least-most)        other (least-most)              ratio   target";

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self.ratio().map_or_else(String::new, |ratio| format!("{ratio:.1}x"));
        let target = match self.target {
            None => String::new(),
            Some(Target::Ratio(least)) => format!("{least}x"),
            Some(Target::Below(limit)) => format!("< {limit} {}", self.unit),
        };
        let met = match self.is_met() {
            None => "",
            Some(true) => " met",
            Some(false) => " MISSED",
        };
        write!(
            f,
            "{:<46}{:<32}{:<32}{ratio:<8}{target}{met}",
            self.what,
            shown(&self.ours, self.unit),
            shown(&self.theirs, self.unit)
        )
    }
}

fn shown(figures: &[f64], unit: &str) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(0.0, f64::max);
    let digits = if most < 10.0 { 2 } else { 0 };
    format!("{:.digits$} {unit} ({least:.digits$}-{most:.digits$})", median(figures))
}

/// The middle one, or the mean of the two in the middle.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 {
        return upper;
    }
    let lower = sorted.len().checked_sub(1).and_then(|last| sorted.get(last / 2)).copied();
    upper.midpoint(lower.unwrap_or(f64::NAN))
}
