//! Programs we did not write, as people run them. They need root; where that or the program is missing, the test says so.

mod dovecot;
mod pgbouncer;
mod postfix;
mod relays;
