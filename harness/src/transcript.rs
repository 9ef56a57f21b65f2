//! What a process writes, read as it comes, so that a full pipe never makes it wait.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A server under load logs without end; what is wanted of it is how it ended.
const LINES_KEPT: usize = 1_000;

/// The last lines that a process has written to one of its pipes.
#[derive(Debug)]
pub(crate) struct Transcript {
    lines: Arc<Mutex<VecDeque<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Transcript {
    /// Reads `pipe` until its end on a thread of its own, and calls `on_line` for each line.
    pub(crate) fn of(
        pipe: impl Read + Send + 'static,
        mut on_line: impl FnMut(&str) + Send + 'static,
    ) -> Self {
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        let written = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                // Kept before it is reported: who hears of a line can read those before it.
                let mut lines = written.lock().unwrap_or_else(PoisonError::into_inner);
                if lines.len() == LINES_KEPT {
                    lines.pop_front();
                }
                lines.push_back(text.clone());
                drop(lines);
                on_line(&text);
            }
        });
        Self { lines, reader: Some(reader) }
    }

    /// The lines so far.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Waits for the end of the pipe, which comes with the end of the process.
    pub(crate) fn finish(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // A panic there would be one of `on_line`; the lines are good without it.
            let _ = reader.join();
        }
        self.text()
    }
}
