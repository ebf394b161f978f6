// Variables in all places that Rust has for them.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

pub static PLAIN: AtomicUsize = AtomicUsize::new(3);
static LOCKED: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static mut CHANGING: i64 = -4;

thread_local! {
    static LAZY: RefCell<Vec<u8>> = RefCell::new(vec![1]);
    static PLAIN_CELL: Cell<u32> = const { Cell::new(77) };
}

mod inner {
    pub static IN_MODULE: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(1);
}

fn counter() -> usize {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed)
}

fn main() {
    LOCKED.lock().unwrap().push(counter() as u32);
    LAZY.with(|lazy| lazy.borrow_mut().push(2));
    PLAIN_CELL.with(|cell| cell.set(cell.get() + 1));
    unsafe { CHANGING += 1 };
    inner::IN_MODULE.fetch_add(1, Ordering::Relaxed);
    println!("{}", PLAIN.fetch_add(1, Ordering::Relaxed));
}
