//! The program `commonground`.

fn main() {}
