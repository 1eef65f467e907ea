import java.nio.file.*; import java.util.*; import java.util.concurrent.*;
public class Main {
  public static void main(String[] a) throws Exception {
    String what = a.length > 0 ? a[0] : "work";
    switch (what) {
      case "work": {
        ExecutorService pool = Executors.newFixedThreadPool(4); List<Future<Long>> sums = new ArrayList<>();
        for (int i = 0; i < 8; i++) { final int n = i; sums.add(pool.submit(() -> { long s = 0; for (int k = 0; k < 3000000; k++) s += k % (n + 1); return s; })); }
        long total = 0; for (Future<Long> f : sums) total += f.get(); pool.shutdown();
        StringBuilder b = new StringBuilder(); for (int i = 0; i < 200000; i++) b.append(i); // garbage collection
        System.gc(); Thread.sleep(5);
        System.out.println("lines " + Files.readAllLines(Path.of("/etc/passwd")).size() + " sum " + total + " " + b.length()); break; }
      case "write": Files.writeString(Path.of("x"), "y"); break;
      case "name": Files.move(Path.of("Main.class"), Path.of("x")); break;
      case "socket": new java.net.ServerSocket(0).close(); break;
      case "exec": new ProcessBuilder("/bin/true").start().waitFor(); break;
    }
  }
}
