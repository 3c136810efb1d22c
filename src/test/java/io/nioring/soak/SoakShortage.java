package io.nioring.soak;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What is short, alone or with another: somebody takes all, and gives it back, again and again. */
enum SoakShortage {
  MEMORY {
    @Override
    Closeable takeOne() {
      ByteBuffer taken = ByteBuffer.allocateDirect(MEMORY_BYTES);
      return () -> taken.put(0, (byte) 0); // keeps it until then
    }
  },
  HEAP {
    @Override
    Closeable takeOne() {
      byte[] taken = largestArray();
      return () -> taken[0] = 1; // keeps it until then
    }

    /** Smaller ones where there is no room for others, so that the heap is really full. */
    private byte[] largestArray() {
      for (int size = LARGEST_ARRAY_BYTES; size > SMALLEST_ARRAY_BYTES; size /= 16) {
        try {
          return new byte[size];
        } catch (OutOfMemoryError e) {
          // A smaller one may fit.
        }
      }
      return new byte[SMALLEST_ARRAY_BYTES];
    }
  },
  DESCRIPTORS {
    @Override
    Closeable takeOne() throws IOException {
      return FileChannel.open(Path.of("/dev/null"));
    }
  },
  THREADS {
    @Override
    Closeable takeOne() {
      CountDownLatch end = new CountDownLatch(1);
      Soak.daemon(() -> awaitUninterruptibly(end)).start();
      return end::countDown;
    }
  };

  private static final int MEMORY_BYTES = 32 * 1024;
  private static final int LARGEST_ARRAY_BYTES = 64 * 1024;
  private static final int SMALLEST_ARRAY_BYTES = 256;
  private static final int MOST = 10_000;
  private static final long HOLD_MILLIS = 30;

  private static void awaitUninterruptibly(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes one, or fails as the program does where there is none. */
  abstract Closeable takeOne() throws IOException;

  /**
   * Takes all of each and gives it back until a moment.
   *
   * @param all what is short at once; the heap last, since the others are taken by means of it
   */
  static void runUntil(long deadlineNanos, SoakShortage... all)
      throws InterruptedException, IOException {
    Deque<Closeable> taken = new ArrayDeque<>(MOST * all.length);
    boolean collects = List.of(all).contains(MEMORY);
    while (System.nanoTime() - deadlineNanos < 0) {
      for (SoakShortage each : all) {
        each.takeAll(taken);
      }
      TimeUnit.MILLISECONDS.sleep(HOLD_MILLIS);
      for (Closeable one = taken.poll(); one != null; one = taken.poll()) {
        one.close();
      }
      if (collects) {
        System.gc();
      }
      TimeUnit.MILLISECONDS.sleep(HOLD_MILLIS);
    }
  }

  private void takeAll(Deque<Closeable> taken) {
    int most = taken.size() + MOST;
    try {
      while (taken.size() < most) {
        taken.add(takeOne());
      }
    } catch (IOException | OutOfMemoryError e) {
      return; // that was all
    }
  }
}
