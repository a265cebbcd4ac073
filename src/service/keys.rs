//! Whether keys are points on their curves, which takes the arithmetic of Web Crypto.

use serde_json::Value;

use super::Error;
use crate::client::{KeyFault, Pointer, Problem, Problems};
use crate::runtime::Curves;

/// A problem for each of the keys at `places` of which the point is not on its curve.
///
/// # Errors
/// [`Error::Curves`] (503) if the runtime cannot tell: then none of the keys is accepted.
pub(super) async fn misplaced_keys(
    runtime: &impl Curves,
    (places, points): (Vec<usize>, Value),
) -> Result<Problems, Error> {
    let mut problems = Problems::default();
    if places.is_empty() {
        return Ok(problems);
    }
    let on_curve = runtime.on_curve(&points).await.map_err(Error::Curves)?;
    for (at, index) in places.into_iter().enumerate() {
        if on_curve.get(at) != Some(&true) {
            problems.push(Problem::new(Pointer::key(index), "", KeyFault::Point.into()));
        }
    }
    Ok(problems)
}
