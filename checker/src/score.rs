//! The last score of each lesson, kept for the course at a glance in the target folder: losing it loses nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::compile;
use crate::report::LessonReport;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub passed: usize,
    pub total: usize,
}

/// By the lesson's id; empty where nothing was graded yet.
pub fn load() -> BTreeMap<String, Score> {
    fs::read_to_string(file())
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Keeps these scores beside those of other lessons. A score that can't be kept is no failure of the grading.
pub fn save(reports: &[LessonReport]) {
    let mut scores = load();
    for report in reports {
        let score = Score {
            passed: report.passed(),
            total: report.total,
        };
        scores.insert(report.lesson.id.to_owned(), score);
    }
    let file = file();
    let Some(folder) = file.parent() else { return };
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut temporary, &scores)?;
        temporary.persist(&file)?;
        Ok(())
    });
    if let Err(error) = written {
        eprintln!("note: the score was not kept in `{}`: {error}", file.display());
    }
}

fn file() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| compile::workspace().join("target"))
        .join("handshake")
        .join("scores.json")
}
