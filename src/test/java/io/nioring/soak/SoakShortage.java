package io.nioring.soak;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What is short: somebody takes all of it, and gives it back, again and again. */
enum SoakShortage {
  NOTHING {
    @Override
    Closeable takeOne() {
      return null;
    }
  },
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

  /** Takes all and gives it back until a moment. */
  final void runUntil(long deadlineNanos) throws InterruptedException, IOException {
    Deque<Closeable> taken = new ArrayDeque<>(MOST);
    while (System.nanoTime() - deadlineNanos < 0) {
      takeAll(taken);
      TimeUnit.MILLISECONDS.sleep(HOLD_MILLIS);
      for (Closeable one = taken.poll(); one != null; one = taken.poll()) {
        one.close();
      }
      if (this == MEMORY) {
        System.gc();
      }
      TimeUnit.MILLISECONDS.sleep(HOLD_MILLIS);
    }
  }

  private void takeAll(Deque<Closeable> taken) {
    try {
      while (taken.size() < MOST) {
        Closeable one = takeOne();
        if (one == null) {
          return;
        }
        taken.add(one);
      }
    } catch (IOException | OutOfMemoryError e) {
      return; // that was all
    }
  }
}
