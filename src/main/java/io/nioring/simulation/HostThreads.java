package io.nioring.simulation;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The threads that belong to a host, as far as they are known. Thread-safe. */
final class HostThreads implements ThreadFactory {
  private final World world;
  private final SimulationTime time;
  private final RingHost host;
  private final ThreadPlace place;
  private final AtomicInteger numbers = new AtomicInteger();
  private final Set<Thread> threads =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  // Guarded by this object's monitor.

  private ExecutorService executor;
  private boolean closed;

  HostThreads(World world, RingHost host) {
    this.world = world;
    this.time = world.time();
    this.host = host;
    this.place = new ThreadPlace(host);
  }

  @Override
  public Thread newThread(Runnable body) {
    return thread(() -> insideOf(body));
  }

  /** As this one, of threads that another factory makes. */
  ThreadFactory of(ThreadFactory factory) {
    return body -> {
      Thread made = factory.newThread(() -> insideOf(body));
      return made == null ? null : counted(made);
    };
  }

  private void insideOf(Runnable body) {
    inside(
        () -> {
          body.run();
          return null;
        });
  }

  private Thread thread(Runnable body) {
    Thread thread = new Thread(body, host.name() + "-" + numbers.incrementAndGet());
    thread.setDaemon(true);
    return counted(thread);
  }

  /** Adds a thread whose body runs {@link #inside} the host. */
  private Thread counted(Thread thread) {
    threads.add(thread);
    time.isToCome(thread);
    return thread;
  }

  private void belong(Runnable body) {
    world.placeOfThread().set(place);
    body.run();
  }

  <T> T inside(Supplier<T> action) {
    ThreadPlace before = enter();
    try {
      return action.get();
    } finally {
      leave(before);
    }
  }

  <T> T insideChecked(Callable<T> action) throws Exception {
    ThreadPlace before = enter();
    try {
      return action.call();
    } finally {
      leave(before);
    }
  }

  /** Calls something as a part of the host, without counting the thread as one of its own. */
  <T> T as(Supplier<T> action) {
    ThreadPlace before = world.placeOfThread().get();
    try {
      world.placeOfThread().set(place);
      return action.get();
    } finally {
      putBack(before);
    }
  }

  private ThreadPlace enter() {
    ThreadPlace before = world.placeOfThread().get();
    boolean entered = false;
    try {
      world.placeOfThread().set(place);
      time.enters();
      entered = true;
    } finally {
      if (!entered) {
        putBack(before);
      }
    }
    return before;
  }

  private void leave(ThreadPlace before) {
    putBack(before);
    time.leaves();
  }

  private void putBack(ThreadPlace before) {
    if (before == null) {
      world.placeOfThread().remove();
    } else {
      world.placeOfThread().set(before);
    }
  }

  synchronized ExecutorService executor() {
    if (executor == null) {
      executor = new HostExecutor(time, body -> thread(() -> belong(body)));
      if (closed) {
        executor.shutdownNow();
      }
    }
    return executor;
  }

  void interruptAll() {
    synchronized (threads) {
      threads.forEach(Thread::interrupt);
    }
  }

  synchronized void close() {
    closed = true;
    if (executor != null) {
      executor.shutdownNow();
    }
    interruptAll();
    place.leave();
  }
}
