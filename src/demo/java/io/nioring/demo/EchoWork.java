package io.nioring.demo;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/** Many blocking clients of one {@link EchoServer}, all of them connected at the same time. */
final class EchoWork {
  private static final int THREADS = 8;
  private static final int CLIENTS_A_THREAD = 25;
  private static final int MESSAGES_A_CLIENT = 20;
  private static final int LARGEST_MESSAGE_BYTES = 4 * 1024;

  private final KernelSockets kernelSockets;
  private final AtomicLong payloadBytes = new AtomicLong();

  private EchoWork(KernelSockets kernelSockets) {
    this.kernelSockets = kernelSockets;
  }

  /** Runs server and clients once; fails unless each message came back as it was sent. */
  static Work run(KernelSockets kernelSockets) throws Exception {
    return new EchoWork(kernelSockets).run();
  }

  private Work run() throws Exception {
    List<SocketChannel> clients = new ArrayList<>();
    try (EchoServer server = new EchoServer();
        Workers workers = new Workers(THREADS)) {
      Thread serverThread = new Thread(server, "echo-server");
      serverThread.start();

      List<Callable<Void>> tasks = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        List<SocketChannel> ofThread = connect(server.address());
        clients.addAll(ofThread);
        int seed = thread;
        tasks.add(() -> converse(ofThread, new Random(seed)));
      }
      Stopwatch watch = new Stopwatch();
      workers.runAll(tasks);
      Work done = watch.stop((long) clients.size() * MESSAGES_A_CLIENT, payloadBytes.get());

      kernelSockets.count();
      return done;
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  private static List<SocketChannel> connect(SocketAddress address) throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS_A_THREAD; i++) {
      clients.add(SocketChannel.open(address));
    }
    return clients;
  }

  /** Sends from every client before reading any answer, so that the server has much to choose. */
  private Void converse(List<SocketChannel> clients, Random random) throws IOException {
    for (int round = 0; round < MESSAGES_A_CLIENT; round++) {
      List<byte[]> messages = new ArrayList<>();
      for (SocketChannel client : clients) {
        byte[] message = Payloads.take(1 + random.nextInt(LARGEST_MESSAGE_BYTES), random);
        messages.add(message);
        client.write(ByteBuffer.wrap(message));
      }
      for (int i = 0; i < clients.size(); i++) {
        expect(messages.get(i), clients.get(i));
      }
    }
    return null;
  }

  private void expect(byte[] message, SocketChannel client) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(message.length);
    while (answer.hasRemaining()) {
      if (client.read(answer) < 0) {
        throw new EOFException("the echo server closed a connection before it had answered");
      }
    }
    if (!answer.flip().equals(ByteBuffer.wrap(message))) {
      throw new IOException("an echo of " + message.length + " bytes differs from what was sent");
    }
    payloadBytes.addAndGet(2L * message.length);
  }
}
