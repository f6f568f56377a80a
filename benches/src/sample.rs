//! [`Sample`]: what one task took in each of many rounds.

/// Nanoseconds for one operation, round by round.
pub struct Sample {
    rounds: Vec<f64>,
    sorted: Vec<f64>,
}

impl Sample {
    pub fn new(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        Self { rounds, sorted }
    }

    pub fn median(&self) -> f64 {
        self.sorted[self.sorted.len() / 2]
    }

    /// What the fastest tenth of the rounds stayed below: nearly as on a machine with nobody else on it.
    pub fn fastest_tenth(&self) -> f64 {
        self.sorted[self.sorted.len() / 10]
    }

    /// How far the middle half of the rounds lies apart, in per cent of the median.
    pub fn spread(&self) -> f64 {
        let quarter = |quarters: usize| self.sorted[self.sorted.len() * quarters / 4];
        (quarter(3) - quarter(1)) / self.median() * 100.0
    }

    /// The median of the rounds' own ratios: both had their turn within the same few milliseconds.
    pub fn beside(&self, other: &Self) -> f64 {
        let ratios = self.rounds.iter().zip(&other.rounds).map(|(own, other)| own / other);
        Self::new(ratios.collect()).median()
    }

    /// How the fastest tenths of both compare.
    pub fn fastest_beside(&self, other: &Self) -> f64 {
        self.fastest_tenth() / other.fastest_tenth()
    }
}
