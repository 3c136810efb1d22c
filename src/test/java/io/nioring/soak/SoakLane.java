package io.nioring.soak;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A server and a client of one kind that send streams for as long as they are told. A stream may
 * fail, with an exception, while something is short; what arrives of it is right all the same, and
 * if it was sent to its end it does not end early.
 */
final class SoakLane {
  private static final int MOST_BYTES = 400_000;
  private static final int HEADER_BYTES = 12;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final String name;
  private final SoakTransport transport;
  private final Random random;
  private final Thread server;
  private final Thread client;

  private final Set<Long> sent = ConcurrentHashMap.newKeySet();
  private final Set<Long> cut = ConcurrentHashMap.newKeySet();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicLong succeeded = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  // Made before anything is short.
  private final ByteBuffer serversBytes = ByteBuffer.allocate(64 * 1024);
  private final ByteBuffer clientsBytes = ByteBuffer.allocate(64 * 1024);

  private volatile boolean over;
  private volatile boolean clientEnded;

  /** What ended the last stream that failed, for the report. */
  private volatile Throwable lastFailure;

  SoakLane(String name, SoakTransport transport, long seed) {
    this.name = name;
    this.transport = transport;
    this.random = new Random(seed);
    this.server = Soak.daemon(this::serve);
    this.client = Soak.daemon(this::call);
  }

  void start() {
    server.start();
    client.start();
  }

  long succeeded() {
    return succeeded.get();
  }

  // -- the server

  private void serve() {
    while (!clientEnded) {
      try (SoakConnection connection = transport.accept()) {
        serve(connection);
      } catch (Throwable e) {
        fail(e);
      }
    }
  }

  private void serve(SoakConnection connection) throws Exception {
    ByteBuffer bytes = serversBytes.clear().limit(HEADER_BYTES);
    while (bytes.hasRemaining()) {
      if (connection.read(bytes) < 0) {
        return; // its client failed before it said which stream it would be
      }
    }
    long id = bytes.flip().getLong();
    int expected = bytes.getInt();
    int count = 0;
    while (connection.read(bytes.clear()) >= 0) {
      for (bytes.flip(); bytes.hasRemaining(); count++) {
        byte value = bytes.get();
        if (value != byteAt(id, count)) {
          wrong.add(name + " stream " + id + " byte " + count + " is " + value);
          return;
        }
      }
    }
    if (count != expected) {
      cut.add(id);
      return;
    }
    connection.write(bytes.clear().putLong(id).flip());
  }

  // -- the client

  private void call() {
    for (long id = 1; !over; id++) {
      try (SoakConnection connection = transport.connect()) {
        call(connection, id);
        succeeded.incrementAndGet();
      } catch (Throwable e) {
        fail(e);
      }
      forget(id);
    }
  }

  private void forget(long id) {
    try {
      if (!cut.contains(id)) {
        sent.remove(id);
      }
    } catch (OutOfMemoryError e) {
      fail(e); // it is kept for nothing
    }
  }

  private void call(SoakConnection connection, long id) throws Exception {
    int count = random.nextInt(random.nextBoolean() ? MOST_BYTES : 1_000);
    connection.write(clientsBytes.clear().putLong(id).putInt(count).flip());
    for (int done = 0; done < count; ) {
      clientsBytes.clear();
      while (clientsBytes.hasRemaining() && done < count) {
        clientsBytes.put(byteAt(id, done++));
      }
      connection.write(clientsBytes.flip());
    }
    connection.shutdownOutput();
    sent.add(id);
    clientsBytes.clear().limit(Long.BYTES);
    while (clientsBytes.hasRemaining()) {
      if (connection.read(clientsBytes) < 0) {
        throw new EOFException("no answer");
      }
    }
    if (clientsBytes.flip().getLong() != id) {
      wrong.add(name + " answer to stream " + id);
    }
  }

  private static byte byteAt(long id, int index) {
    return (byte) (id * 31 + index * 7L + (index >> 8));
  }

  private void fail(Throwable cause) {
    failed.incrementAndGet();
    lastFailure = cause;
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  // -- the end

  /** Ends the lane; whether both its threads did so in time. */
  boolean end(long deadlineNanos) throws IOException, InterruptedException {
    over = true;
    joinUntil(client, deadlineNanos); // it may wait for the answer to a stream that waits in turn
    clientEnded = true;
    transport.close();
    joinUntil(server, deadlineNanos);
    return !client.isAlive() && !server.isAlive();
  }

  private static void joinUntil(Thread thread, long deadlineNanos) throws InterruptedException {
    thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime())));
  }

  /** What was wrong with the bytes. */
  Queue<String> wrong() {
    for (long id : cut) {
      if (sent.contains(id)) {
        wrong.add(name + " stream " + id + " ended early");
      }
    }
    return wrong;
  }

  /** For messages: how it went. */
  String report() {
    return name + ": " + succeeded + " streams, " + failed + " failures, last " + lastFailure;
  }

  /** For messages: what its threads do. */
  String dump() {
    StringBuilder text = new StringBuilder(report());
    for (Thread thread : new Thread[] {client, server}) {
      text.append("\n  ").append(thread.getState());
      for (StackTraceElement frame : thread.getStackTrace()) {
        text.append("\n    at ").append(frame);
      }
    }
    return text.toString();
  }
}
