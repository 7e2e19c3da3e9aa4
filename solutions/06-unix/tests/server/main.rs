//! The server as a process: its file and its end are the business of the whole process.

mod signals;
mod socket_file;
mod started;
