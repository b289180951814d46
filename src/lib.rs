//! Common Ground: free webcasts, gated whitepapers and a partnership alignment self-assessment in one binary.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contacts;
pub mod db;
pub mod mail;
pub mod organizers;
pub mod site;
pub mod values;
pub mod web;
pub mod webcasts;
pub mod whitepapers;
