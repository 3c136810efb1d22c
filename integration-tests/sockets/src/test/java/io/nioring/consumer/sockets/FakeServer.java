package io.nioring.consumer.sockets;

import io.nioring.consumer.Loopback;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A server on plain sockets with a thread a connection, which speaks as much as a test needs. */
final class FakeServer implements Closeable {
  /** What is spoken on a connection, until it ends or an exception ends it. */
  interface Conversation {
    void speak(DataInputStream in, DataOutputStream out) throws IOException;
  }

  private final ServerSocket server;
  private final Conversation conversation;
  private final Set<Socket> accepted = ConcurrentHashMap.newKeySet();

  FakeServer(Conversation conversation) throws IOException {
    this.conversation = conversation;
    server = new ServerSocket(0, 50, Loopback.address());
    start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        accepted.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      return; // closed by the test
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      conversation.speak(
          new DataInputStream(new BufferedInputStream(socket.getInputStream())),
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())));
    } catch (IOException e) {
      return; // the client has left, or the test is over
    } finally {
      accepted.remove(socket);
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : accepted) {
      socket.close();
    }
  }
}
