//! Common Ground: free webcasts, gated whitepapers and a partnership alignment self-assessment in one binary.

pub mod clock;
pub mod config;
pub mod db;
pub mod mail;
pub mod values;
pub mod web;
