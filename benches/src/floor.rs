//! What no signer can do without: the SHA-256 compressions of the body, the canonical request and the string to sign.

use crate::requests::{CHUNK, Case, REGION, SERVICE};
use crate::task::Task;
use awsig::{Expires, Steps};
use sha2::block_api::compress256;

/// How many blocks of 64 bytes a text takes, its padding included.
fn blocks(length: usize) -> usize {
    (length + 9).div_ceil(64)
}

/// One compression call for each text that has to be hashed on its own.
struct Floor(Vec<Vec<[u8; 64]>>);

impl Floor {
    fn new(case: &Case, steps: &Steps) -> Self {
        let body = if case.body.is_empty() { 0 } else { blocks(case.body.len()) };
        // The states of the HMAC's two padded blocks are at hand.
        let (inner, outer) = (blocks(steps.string_to_sign().len()), 1);
        let texts = [body, blocks(steps.canonical_request().len()), inner, outer];
        Self(texts.into_iter().filter(|&count| count > 0).map(|count| vec![[0x5a; 64]; count]).collect())
    }

    /// Derivation: four HMACs of one block each, and the two padded blocks of the key they end in.
    fn cold(mut self) -> Self {
        self.0.extend((0..4 * 4 + 2).map(|_| vec![[0x5a; 64]; 1]));
        self
    }

    fn task(self, group: &'static str) -> Task {
        let mut state = [0x6a09_e667; 8];
        Task::new(group, "floor", move || {
            for text in &self.0 {
                compress256(&mut state, text);
            }
            state
        })
    }
}

fn signing(case: &Case) -> Floor {
    Floor::new(case, &case.signer().steps(&case.request()))
}

pub fn sign(case: &'static Case) -> Task {
    signing(case).task(case.sign)
}

pub fn sign_cold(case: &'static Case) -> Task {
    signing(case).cold().task(case.cold)
}

pub fn presign(case: &'static Case) -> Task {
    let expires = Expires::from_seconds(900).expect("a good lifetime");
    Floor::new(case, &case.signer().presign_steps(&case.request(), expires)).task(case.presign)
}

pub fn verify(case: &'static Case) -> Task {
    signing(case).task(case.verify)
}

/// The data of a chunk, and the string to sign that covers it and the chunk before.
pub fn chunk() -> Task {
    let scope = format!("{}/{REGION}/{SERVICE}/aws4_request", &Case::scope().time().as_str()[..8]);
    let lines = "AWS4-HMAC-SHA256-PAYLOAD\n20150830T123600Z\n".len() + scope.len() + 1 + 3 * 64 + 2;
    let texts = [blocks(CHUNK), blocks(lines), 1];
    Floor(texts.into_iter().map(|count| vec![[0x5a; 64]; count]).collect()).task("chunk of 8 KiB")
}
