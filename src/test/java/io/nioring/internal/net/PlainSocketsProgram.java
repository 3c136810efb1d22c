package io.nioring.internal.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.nioring.RingNetwork;
import io.nioring.RingSelectorProvider;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import java.security.Security;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Uses plain sockets in the ways that programs do, after its network has got the JVM's, and prints
 * a line for each.
 */
final class PlainSocketsProgram {
  private static final RingNetwork NETWORK =
      ((RingSelectorProvider) SelectorProvider.provider()).network();

  /** Counted while connections are open. */
  private static int kernelSockets;

  private PlainSocketsProgram() {}

  public static void main(String[] args) {
    NETWORK.installSockets();
    line("echo", PlainSocketsProgram::echo);
    line("channel to socket", PlainSocketsProgram::channelToSocket);
    line("socket to channel", PlainSocketsProgram::socketToChannel);
    line("http", PlainSocketsProgram::http);
    line("tls by host", () -> tls(PlainSocketsProgram::tlsByHost));
    line("tls layered", () -> tls(PlainSocketsProgram::tlsLayered));
    line("tls unconnected", () -> tls(PlainSocketsProgram::tlsUnconnected));
    line("rmi", PlainSocketsProgram::rmi);
    line("dropped", PlainSocketsProgram::dropped);
    line("proxy", PlainSocketsProgram::proxy);
    line("second factory", PlainSocketsProgram::secondFactory);
    line("kernel sockets", () -> kernelSockets);
    System.exit(0); // RMI leaves threads
  }

  private static void line(String name, Callable<?> body) {
    Object result;
    try {
      result = body.call();
    } catch (Exception | Error e) {
      result = e;
    }
    System.out.println(name + ": " + result);
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static String ask(Socket client) throws IOException {
    client.getOutputStream().write("hello\n".getBytes(UTF_8));
    byte[] answer = client.getInputStream().readNBytes(6);
    countKernelSockets();
    return new String(answer, UTF_8).strip();
  }

  private static Background<Void> answering(ServerSocket server) {
    return Background.run(
        () -> {
          try (Socket accepted = server.accept()) {
            accepted.getOutputStream().write(accepted.getInputStream().readNBytes(6));
            accepted.getInputStream().read();
          }
          return null;
        });
  }

  private static String echo() throws Exception {
    try (ServerSocket server = server()) {
      Background<Void> serving = answering(server);
      String answer;
      try (Socket client = new Socket("localhost", server.getLocalPort())) {
        answer = ask(client);
      }
      serving.result();
      return answer;
    }
  }

  private static String channelToSocket() throws Exception {
    try (ServerSocket server = server();
        SocketChannel client = SocketChannel.open(server.getLocalSocketAddress());
        Socket accepted = server.accept()) {
      client.write(UTF_8.encode("hello"));
      return new String(accepted.getInputStream().readNBytes(5), UTF_8);
    }
  }

  private static String socketToChannel() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
      try (Socket client = new Socket(address.getAddress(), address.getPort());
          SocketChannel accepted = server.accept()) {
        client.getOutputStream().write("hello".getBytes(UTF_8));
        ByteBuffer bytes = ByteBuffer.allocate(5);
        accepted.read(bytes);
        return UTF_8.decode(bytes.flip()).toString();
      }
    }
  }

  private static String http() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("hello".getBytes(UTF_8));
          exchange.close();
        });
    server.start();
    try {
      URL url = new URL("http://localhost:" + server.getAddress().getPort() + "/");
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      String answer = new String(connection.getInputStream().readAllBytes(), UTF_8);
      countKernelSockets();
      return answer;
    } finally {
      server.stop(0);
    }
  }

  // -- TLS, without certificates

  /** Makes a connected client of a server. */
  private interface TlsClient {
    SSLSocket connect(int port) throws IOException;
  }

  private static String tls(TlsClient connecting) throws Exception {
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    try (SSLServerSocket server =
        (SSLServerSocket)
            SSLServerSocketFactory.getDefault()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      server.setEnabledProtocols(new String[] {"TLSv1.2"});
      server.setEnabledCipherSuites(anonymous(server.getSupportedCipherSuites()));
      Background<Void> serving = answering(server);
      String answer;
      try (SSLSocket client = connecting.connect(server.getLocalPort())) {
        answer = ask(client);
      }
      serving.result();
      return answer;
    }
  }

  private static String[] anonymous(String[] suites) {
    return Arrays.stream(suites).filter(name -> name.contains("_anon_")).toArray(String[]::new);
  }

  private static SSLSocket anonymous(Socket socket) {
    SSLSocket tls = (SSLSocket) socket;
    tls.setEnabledProtocols(new String[] {"TLSv1.2"});
    tls.setEnabledCipherSuites(anonymous(tls.getSupportedCipherSuites()));
    return tls;
  }

  private static SSLSocket tlsByHost(int port) throws IOException {
    return anonymous(SSLSocketFactory.getDefault().createSocket("localhost", port));
  }

  private static SSLSocket tlsLayered(int port) throws IOException {
    Socket plain = new Socket("localhost", port);
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    return anonymous(factory.createSocket(plain, "localhost", port, true));
  }

  private static SSLSocket tlsUnconnected(int port) throws IOException {
    SSLSocket socket = anonymous(SSLSocketFactory.getDefault().createSocket());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
    return socket;
  }

  // -- RMI

  /** What is called remotely. */
  public interface Greeter extends Remote {
    /** Says something. */
    String greet() throws RemoteException;
  }

  private static final class PoliteGreeter implements Greeter {
    @Override
    public String greet() {
      return "hello";
    }
  }

  private static String rmi() throws Exception {
    int port;
    try (ServerSocket free = server()) {
      port = free.getLocalPort();
    }
    Greeter greeter = new PoliteGreeter();
    Registry registry = LocateRegistry.createRegistry(port);
    try {
      registry.bind("greeter", UnicastRemoteObject.exportObject(greeter, 0));
      Greeter found = (Greeter) LocateRegistry.getRegistry("localhost", port).lookup("greeter");
      String answer = found.greet();
      countKernelSockets();
      return answer;
    } finally {
      UnicastRemoteObject.unexportObject(greeter, true);
      UnicastRemoteObject.unexportObject(registry, true);
    }
  }

  // -- the rest

  private static int dropped() throws Exception {
    try (ServerSocket server = server()) {
      dropClient(server);
      try (Socket accepted = server.accept()) {
        Background<Integer> reading = Background.run(() -> accepted.getInputStream().read());
        while (!reading.isDone()) {
          System.gc();
          Thread.sleep(20);
        }
        return reading.result();
      }
    }
  }

  private static void dropClient(ServerSocket server) throws IOException {
    new Socket(server.getInetAddress(), server.getLocalPort()).getOutputStream();
  }

  /** How many sockets of the network an explicit proxy adds, when it is bound. */
  private static long proxy() throws Exception {
    InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    long before = NETWORK.statistics().openChannels();
    try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, nobody))) {
      socket.bind(null);
      // Others may close meanwhile: RMI's connections do.
      return Math.max(0, NETWORK.statistics().openChannels() - before);
    }
  }

  private static String secondFactory() {
    try (RingNetwork second = RingNetwork.open()) {
      second.installSockets();
      return "installed";
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  /** Of TCP and of UDP, of this process, as proc(5) shows them. */
  private static void countKernelSockets() throws IOException {
    Set<String> all = new HashSet<>();
    for (String table : Set.of("tcp", "tcp6", "udp", "udp6")) {
      Path file = Path.of("/proc/self/net", table);
      if (Files.exists(file)) {
        try (Stream<String> lines = Files.lines(file)) {
          lines
              .skip(1)
              .forEach(line -> all.add("socket:[" + line.strip().split("\\s+", -1)[9] + "]"));
        }
      }
    }
    int own = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        own += all.contains(target(descriptor)) ? 1 : 0;
      }
    }
    kernelSockets = Math.max(kernelSockets, own);
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return "closed meanwhile";
    }
  }
}
